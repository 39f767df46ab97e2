// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fanfare {

/// What a client has written, fit for a line of the log: printable ASCII without spaces and quotes
/// stays, every other byte becomes `\xNN`, and a text of more than `max_bytes` ends in `...`. It
/// can neither begin a new line nor pass for a further field.
[[nodiscard]] std::string log_text(std::string_view text, std::size_t max_bytes = 80);

/// UTF-8, fit for somebody's terminal: each byte of a control character (C0, DEL, C1) becomes
/// `\xNN`, so that no text of a client can move the cursor or begin a line.
[[nodiscard]] std::string terminal_text(std::string_view text);

}  // namespace fanfare
