// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace fanfare::apps::sql {

namespace {

/// A column that is no text, such as an integer or uuid, can be compared too; an index of a varchar
/// is used all the same.
constexpr Dialect dialect{.quote = '"', .cast = "::text", .has_numbers = true};

constexpr Oid type_text = 25;  // of pg_type.h, which is the server's

struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }

    void operator()(PGresult* result) const { PQclear(result); }
};

using Handle = std::unique_ptr<PGconn, Close>;
using Result = std::unique_ptr<PGresult, Close>;
using TimePoint = std::chrono::steady_clock::time_point;

/// libpq in its non-blocking form, as the blocking one waits for a server that hangs as long as TCP
/// lets it.
class Postgres final : public Connection {
public:
    explicit Postgres(const config::AppsDatabaseSettings& settings)
        : table_(settings.table), timeout_(settings.timeout) {
        open(settings);
    }

    Rows select(std::string_view column, std::span<const std::string> values) override {
        deadline_ = std::chrono::steady_clock::now() + timeout_;
        send(select_text(dialect, table_, column, values.size()), values);
        Rows rows;
        std::string refusal;
        // Up to the null result, or the connection could not be used again.
        while (const Result result = next_result()) {
            if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
                append_rows(*result, rows);
            } else {
                refusal = PQresultErrorMessage(result.get());
            }
        }
        if (PQstatus(connection_.get()) != CONNECTION_OK) lose();
        if (!refusal.empty()) throw Failure(Failure::Kind::refused, refusal);
        return rows;
    }

private:
    void open(const config::AppsDatabaseSettings& settings) {
        deadline_ = std::chrono::steady_clock::now() + timeout_;
        const std::string port = settings.port == 0 ? "" : std::to_string(settings.port);
        const std::array names{
            "host",
            "port",
            "dbname",
            "user",
            "password",
            "client_encoding",
            "application_name",
            static_cast<const char*>(nullptr),
        };
        const std::array values{
            settings.host.c_str(),
            port.c_str(),
            settings.database.c_str(),
            settings.username.c_str(),
            settings.password.c_str(),
            "UTF8",
            "fanfare",
            static_cast<const char*>(nullptr),
        };
        connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
        if (connection_ == nullptr || PQstatus(connection_.get()) == CONNECTION_BAD) lose();
        // As it is, libpq writes what the server notes to stderr.
        PQsetNoticeProcessor(
            connection_.get(), [](void*, const char*) {}, nullptr
        );
        await_connection();
        if (PQsetnonblocking(connection_.get(), 1) != 0) lose();
    }

    void await_connection() {
        PostgresPollingStatusType status = PGRES_POLLING_WRITING;
        while (status != PGRES_POLLING_OK) {
            if (status == PGRES_POLLING_FAILED) lose();
            await(status == PGRES_POLLING_READING ? POLLIN : POLLOUT);
            status = PQconnectPoll(connection_.get());
        }
    }

    void send(const std::string& text, std::span<const std::string> values) {
        const std::vector<Oid> types(values.size(), type_text);
        std::vector<const char*> parameters;
        for (const std::string& value : values) parameters.push_back(value.c_str());
        const int sent = PQsendQueryParams(
            connection_.get(),
            text.c_str(),
            static_cast<int>(values.size()),
            types.data(),
            parameters.data(),
            nullptr,
            nullptr,
            0
        );
        if (sent != 1) lose();
        int unsent = PQflush(connection_.get());
        while (unsent == 1) {
            await(POLLIN | POLLOUT);
            if (PQconsumeInput(connection_.get()) != 1) lose();
            unsent = PQflush(connection_.get());
        }
        if (unsent != 0) lose();
    }

    [[nodiscard]] Result next_result() {
        while (PQisBusy(connection_.get()) != 0) {
            await(POLLIN);
            if (PQconsumeInput(connection_.get()) != 1) lose();
        }
        return Result(PQgetResult(connection_.get()));
    }

    static void append_rows(const PGresult& result, Rows& rows) {
        for (int i = 0; i < PQntuples(&result); ++i) {
            Row& row = rows.emplace_back();
            for (int j = 0; j < PQnfields(&result); ++j) {
                Field& field = row.emplace_back();
                field.column = PQfname(&result, j);
                if (PQgetisnull(&result, i, j) != 0) continue;
                const auto size = static_cast<std::size_t>(PQgetlength(&result, i, j));
                field.value.emplace(PQgetvalue(&result, i, j), size);
            }
        }
    }

    void await(int events) {
        pollfd descriptor{PQsocket(connection_.get()), static_cast<short>(events), 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline_ - std::chrono::steady_clock::now()
        );
        const int ready =
            left.count() > 0 ? ::poll(&descriptor, 1, static_cast<int>(left.count())) : 0;
        if (ready == 0) throw Failure(Failure::Kind::lost, "no answer within the timeout");
        if (ready < 0 && errno != EINTR) throw Failure(Failure::Kind::lost, "poll failed");
    }

    [[noreturn]] void lose() const {
        throw Failure(
            Failure::Kind::lost,
            connection_ == nullptr ? "no memory" : PQerrorMessage(connection_.get())
        );
    }

    std::string table_;
    std::chrono::milliseconds timeout_;
    TimePoint deadline_;
    Handle connection_;
};

}  // namespace

std::unique_ptr<Connection> connect_to_postgres(const config::AppsDatabaseSettings& settings) {
    return std::make_unique<Postgres>(settings);
}

}  // namespace fanfare::apps::sql
