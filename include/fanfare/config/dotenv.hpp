// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/environment.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::config {

/// One `NAME=value` of a `.env` file.
struct DotenvEntry {
    std::string name;
    std::string value;
    std::size_t line = 0;  ///< where it begins, from 1
};

/// The entries of a `.env` file in the syntax of vlucas/phpdotenv 5, which is what Laravel reads: a
/// file that Laravel accepts means the same here, down to a `#` that ends a value without quotes
/// even with no space before it. `${NAME}` is looked up in `process` first, then in the entries
/// before it, and stays as written if neither has it. A name without `=` is no entry. Of two
/// entries with one name the later one counts; both are returned, in the order of the file.
///
/// Throws ConfigError (`FILE:LINE: …`) at the first thing that is not `.env` syntax; the message
/// never quotes a value. That includes a double quote that is never closed, for which phpdotenv
/// silently drops the rest of the file.
std::vector<DotenvEntry> parse_dotenv(
    std::string_view text, std::string_view file_name, const Environment& process
);

}  // namespace fanfare::config
