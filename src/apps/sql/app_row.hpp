// SPDX-License-Identifier: MIT
#pragma once

#include "connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace fanfare::apps::sql {

/// What a row says of an app.
struct AppRow {
    std::string id;                                  ///< as it stands there
    std::shared_ptr<const config::AppSettings> app;  ///< null if the row is wrong
    std::string complaint;  ///< then what about it, for the log: `column=… value=… expected=…`
};

/// Columns that are missing or NULL say nothing, unknown ones are passed over; see
/// docs/apps-database.md.
[[nodiscard]] AppRow read_app_row(const Row& row);

/// The value of a column; empty if it is NULL or missing.
[[nodiscard]] std::string_view value_of(const Row& row, std::string_view column);

}  // namespace fanfare::apps::sql
