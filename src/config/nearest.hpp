// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fanfare::config {

/// The name that `wrong` was probably meant to be, if one is near enough to suggest it.
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> names);

}  // namespace fanfare::config
