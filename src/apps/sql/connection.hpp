// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::apps::sql {

/// A value of a row as text, nothing if it is NULL.
struct Field {
    std::string column;
    std::optional<std::string> value;
};

using Row = std::vector<Field>;
using Rows = std::vector<Row>;

/// Why there are no rows. Thrown within this folder, where nearly every call of a C library can
/// fail; `Worker` makes a value of it.
struct Failure : std::runtime_error {
    enum class Kind {
        lost,     ///< the connection is of no use, or there is none
        refused,  ///< the connection is well, the statement or its values are not
    };

    Failure(Kind kind_, const std::string& reason) : std::runtime_error(reason), kind(kind_) {}

    Kind kind;
};

/// A connection to the database of the apps; of one thread. Every call waits for the database, for
/// about its timeout at most, and throws Failure.
class Connection {
public:
    virtual ~Connection() = default;

    /// The rows whose `column` is one of `values`; where the database compares without case, those
    /// that are nearly equal too.
    virtual Rows select(std::string_view column, std::span<const std::string> values) = 0;
};

std::unique_ptr<Connection> connect(const config::AppsDatabaseSettings& settings);

std::unique_ptr<Connection> connect_to_sqlite(const config::AppsDatabaseSettings& settings);
std::unique_ptr<Connection> connect_to_postgres(const config::AppsDatabaseSettings& settings);
std::unique_ptr<Connection> connect_to_mysql(const config::AppsDatabaseSettings& settings);

/// How a database writes SQL.
struct Dialect {
    char quote;             ///< around names; `key` is a reserved word in MySQL
    std::string_view cast;  ///< after a column that is compared with a text
    bool has_numbers;       ///< parameters are $1, $2 …, not ?
};

/// `SELECT *` of the rows whose column is one of `count` parameters. Only the names are written
/// into the text: the table's has passed the rule of its setting, the column's is ours.
std::string select_text(
    const Dialect& dialect, std::string_view table, std::string_view column, std::size_t count
);

}  // namespace fanfare::apps::sql
