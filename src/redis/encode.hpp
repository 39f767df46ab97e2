// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fanfare::redis {

/// Appends a command as RESP: an array of bulk strings.
void append_command(std::string& out, std::span<const std::string_view> arguments);

}  // namespace fanfare::redis
