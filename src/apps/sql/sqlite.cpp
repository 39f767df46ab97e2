// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <sqlite3.h>

#include <chrono>

namespace fanfare::apps::sql {

namespace {

constexpr Dialect dialect{.quote = '`', .cast = "", .has_numbers = false};

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }

    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using File = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

/// Opens the file for each question: one that was replaced by another is noticed so, and it costs
/// less than a connection to a server.
class Sqlite final : public Connection {
public:
    explicit Sqlite(const config::AppsDatabaseSettings& settings) : settings_(settings) {}

    Rows select(std::string_view column, std::span<const std::string> values) override {
        const File file = open();
        const Statement statement =
            prepare(file.get(), select_text(dialect, settings_.table, column, values.size()));
        int parameter = 0;
        for (const std::string& value : values) {
            const auto size = static_cast<sqlite3_uint64>(value.size());
            const int bound = sqlite3_bind_text64(
                statement.get(), ++parameter, value.data(), size, SQLITE_STATIC, SQLITE_UTF8
            );
            if (bound != SQLITE_OK) refuse(file.get(), bound);
        }
        Rows rows;
        int step = sqlite3_step(statement.get());
        for (; step == SQLITE_ROW; step = sqlite3_step(statement.get())) {
            rows.push_back(row_of(statement.get()));
        }
        if (step != SQLITE_DONE) refuse(file.get(), step);
        return rows;
    }

private:
    /// Someone else's lock is a database that is away; so is a file that is none.
    [[noreturn]] void refuse(sqlite3* file, int code) const {
        const bool is_statement = (code & 0xFF) == SQLITE_ERROR;
        throw Failure(
            is_statement ? Failure::Kind::refused : Failure::Kind::lost,
            settings_.database + ": " + sqlite3_errmsg(file)
        );
    }

    [[nodiscard]] File open() const {
        sqlite3* opened = nullptr;
        const int code = sqlite3_open_v2(
            settings_.database.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr
        );
        File file(opened);
        if (file == nullptr) throw Failure(Failure::Kind::lost, "no memory");
        if (code != SQLITE_OK) refuse(file.get(), code);
        const std::chrono::milliseconds timeout = settings_.timeout;
        sqlite3_busy_timeout(file.get(), static_cast<int>(timeout.count()));
        return file;
    }

    [[nodiscard]] Statement prepare(sqlite3* file, const std::string& text) const {
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v2(
            file, text.data(), static_cast<int>(text.size()), &statement, nullptr
        );
        if (code != SQLITE_OK) refuse(file, code);
        return Statement(statement);
    }

    static Row row_of(sqlite3_stmt* statement) {
        Row row;
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            Field& field = row.emplace_back();
            field.column = sqlite3_column_name(statement, i);
            // What follows is of the text's form, so the text is asked for first.
            const void* text = sqlite3_column_text(statement, i);
            if (text == nullptr) continue;
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
            field.value.emplace(static_cast<const char*>(text), size);
        }
        return row;
    }

    config::AppsDatabaseSettings settings_;
};

}  // namespace

std::unique_ptr<Connection> connect_to_sqlite(const config::AppsDatabaseSettings& settings) {
    return std::make_unique<Sqlite>(settings);
}

}  // namespace fanfare::apps::sql
