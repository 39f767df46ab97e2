// SPDX-License-Identifier: MIT
#include "log_text.hpp"

#include <cstddef>

namespace fanfare::sessions {

std::string log_text(std::string_view text) {
    constexpr std::size_t max_shown = 80;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char c : text.substr(0, max_shown)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            shown.push_back(c);
        } else {
            shown += "\\x";
            shown.push_back(digits[byte >> 4U]);
            shown.push_back(digits[byte & 0xfU]);
        }
    }
    if (text.size() > max_shown) shown += "...";
    return shown;
}

}  // namespace fanfare::sessions
