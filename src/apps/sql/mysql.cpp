// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <errmsg.h>
#include <mysql.h>

#include <algorithm>
#include <chrono>

namespace fanfare::apps::sql {

namespace {

constexpr Dialect dialect{.quote = '`', .cast = "", .has_numbers = false};

/// Room for whatever is not a text: numbers and times.
constexpr unsigned long smallest_buffer = 64;

struct Close {
    void operator()(MYSQL* connection) const { mysql_close(connection); }

    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }

    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

using Handle = std::unique_ptr<MYSQL, Close>;
using Statement = std::unique_ptr<MYSQL_STMT, Close>;
using Columns = std::unique_ptr<MYSQL_RES, Close>;

/// libmariadb's own errors are about the connection, all others come from the server.
[[noreturn]] void fail(unsigned error, const char* message) {
    const bool is_lost = error >= CR_MIN_ERROR && error <= CR_MAX_ERROR;
    throw Failure(is_lost ? Failure::Kind::lost : Failure::Kind::refused, message);
}

/// Where a column's texts are put, row by row.
struct Buffer {
    std::vector<char> bytes;
    unsigned long size = 0;
    my_bool is_null = 0;
    my_bool is_cut = 0;
};

/// The result of a statement that has been executed, as texts.
class Texts {
public:
    explicit Texts(MYSQL_STMT* statement)
        : statement_(statement), columns_(mysql_stmt_result_metadata(statement)) {
        if (columns_ == nullptr) fail();
        // So that the longest value of each column is known before room is made for it.
        const my_bool yes = 1;
        mysql_stmt_attr_set(statement, STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
        if (mysql_stmt_store_result(statement) != 0) fail();
        bind();
    }

    Rows read() {
        Rows rows;
        int status = mysql_stmt_fetch(statement_);
        for (; status == 0; status = mysql_stmt_fetch(statement_)) rows.push_back(row());
        if (status == MYSQL_DATA_TRUNCATED) {
            throw Failure(Failure::Kind::refused, "a value is longer than it was said to be");
        }
        if (status != MYSQL_NO_DATA) fail();
        return rows;
    }

private:
    [[noreturn]] void fail() const {
        sql::fail(mysql_stmt_errno(statement_), mysql_stmt_error(statement_));
    }

    [[nodiscard]] std::span<const MYSQL_FIELD> fields() const {
        return {mysql_fetch_fields(columns_.get()), mysql_num_fields(columns_.get())};
    }

    void bind() {
        buffers_.resize(fields().size());
        std::vector<MYSQL_BIND> binds(buffers_.size());
        for (std::size_t i = 0; i < buffers_.size(); ++i) {
            Buffer& buffer = buffers_[i];
            buffer.bytes.resize(std::max(fields()[i].max_length, smallest_buffer) + 1);
            binds[i].buffer_type = MYSQL_TYPE_STRING;
            binds[i].buffer = buffer.bytes.data();
            binds[i].buffer_length = static_cast<unsigned long>(buffer.bytes.size());
            binds[i].length = &buffer.size;
            binds[i].is_null = &buffer.is_null;
            binds[i].error = &buffer.is_cut;
        }
        if (mysql_stmt_bind_result(statement_, binds.data()) != 0) fail();
    }

    [[nodiscard]] Row row() const {
        Row row;
        for (std::size_t i = 0; i < buffers_.size(); ++i) {
            const Buffer& buffer = buffers_[i];
            Field& field = row.emplace_back();
            field.column = fields()[i].name;
            if (buffer.is_null == 0) field.value.emplace(buffer.bytes.data(), buffer.size);
        }
        return row;
    }

    MYSQL_STMT* statement_;
    Columns columns_;
    std::vector<Buffer> buffers_;
};

class Mysql final : public Connection {
public:
    explicit Mysql(const config::AppsDatabaseSettings& settings)
        : table_(settings.table), connection_(mysql_init(nullptr)) {
        if (connection_ == nullptr) throw Failure(Failure::Kind::lost, "no memory");
        const auto seconds = static_cast<unsigned>(settings.timeout.count());
        set(MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
        set(MYSQL_OPT_READ_TIMEOUT, &seconds);
        set(MYSQL_OPT_WRITE_TIMEOUT, &seconds);
        set(MYSQL_SET_CHARSET_NAME, "utf8mb4");
        const unsigned no = 0;  // a server could ask for any file of this machine
        set(MYSQL_OPT_LOCAL_INFILE, &no);
        open(settings);
    }

    Rows select(std::string_view column, std::span<const std::string> values) override {
        const Statement statement(mysql_stmt_init(connection_.get()));
        if (statement == nullptr) throw Failure(Failure::Kind::lost, "no memory");
        const std::string text = select_text(dialect, table_, column, values.size());
        const auto size = static_cast<unsigned long>(text.size());
        check(*statement, mysql_stmt_prepare(statement.get(), text.data(), size) == 0);
        std::vector<MYSQL_BIND> binds(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            binds[i].buffer_type = MYSQL_TYPE_STRING;
            binds[i].buffer = const_cast<char*>(values[i].data());  // is only read
            binds[i].buffer_length = static_cast<unsigned long>(values[i].size());
        }
        check(*statement, mysql_stmt_bind_param(statement.get(), binds.data()) == 0);
        check(*statement, mysql_stmt_execute(statement.get()) == 0);
        return Texts(statement.get()).read();
    }

private:
    void set(mysql_option option, const void* value) {
        mysql_options(connection_.get(), option, value);
    }

    void open(const config::AppsDatabaseSettings& settings) {
        const bool is_socket = settings.host.starts_with('/');
        const MYSQL* const opened = mysql_real_connect(
            connection_.get(),
            is_socket ? nullptr : settings.host.c_str(),
            settings.username.c_str(),
            settings.password.c_str(),
            settings.database.c_str(),
            settings.port,
            is_socket ? settings.host.c_str() : nullptr,
            0
        );
        if (opened != nullptr) return;
        throw Failure(Failure::Kind::lost, mysql_error(connection_.get()));
    }

    static void check(MYSQL_STMT& statement, bool is_well) {
        if (!is_well) fail(mysql_stmt_errno(&statement), mysql_stmt_error(&statement));
    }

    std::string table_;
    Handle connection_;
};

}  // namespace

std::unique_ptr<Connection> connect_to_mysql(const config::AppsDatabaseSettings& settings) {
    return std::make_unique<Mysql>(settings);
}

}  // namespace fanfare::apps::sql
