// SPDX-License-Identifier: MIT
#include "connection.hpp"

namespace fanfare::apps::sql {

namespace {

/// `schema.table` is two names.
std::string quoted(char quote, std::string_view name) {
    std::string out(1, quote);
    for (const char c : name) {
        if (c == '.') {
            out.append({quote, '.', quote});
        } else {
            out += c;
        }
    }
    return out + quote;
}

}  // namespace

std::string select_text(
    const Dialect& dialect, std::string_view table, std::string_view column, std::size_t count
) {
    std::string text =
        "SELECT * FROM " + quoted(dialect.quote, table) + " WHERE " + quoted(dialect.quote, column);
    text.append(dialect.cast).append(" IN (");
    for (std::size_t i = 1; i <= count; ++i) {
        if (i > 1) text += ", ";
        text += dialect.has_numbers ? "$" + std::to_string(i) : "?";
    }
    return text + ")";
}

std::unique_ptr<Connection> connect(const config::AppsDatabaseSettings& settings) {
    switch (settings.driver) {
        case config::DatabaseDriver::sqlite:
            return connect_to_sqlite(settings);
        case config::DatabaseDriver::postgres:
            return connect_to_postgres(settings);
        case config::DatabaseDriver::mysql:
            return connect_to_mysql(settings);
        case config::DatabaseDriver::none:
        case config::DatabaseDriver::laravel:
            break;
    }
    throw Failure(Failure::Kind::lost, "there is no such database");
}

}  // namespace fanfare::apps::sql
