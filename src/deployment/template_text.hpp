// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::deployment {

/// A word such as `PORT`, and what stands for `{{PORT}}`.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

/// `text` with its fields filled in. What stands for a field is not looked at again.
[[nodiscard]] std::string filled(std::string_view text, const Fields& fields);

}  // namespace fanfare::deployment
