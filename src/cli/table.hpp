// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace fanfare::cli {

/// Rows in columns as wide as they need; numbers stand to the right. The first row is the head.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace fanfare::cli
