// SPDX-License-Identifier: MIT
#include "fanfare/base/log_text.hpp"

namespace fanfare {

std::string log_text(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char c : text.substr(0, max_bytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            shown.push_back(c);
        } else {
            shown += "\\x";
            shown.push_back(digits[byte >> 4U]);
            shown.push_back(digits[byte & 0xfU]);
        }
    }
    if (text.size() > max_bytes) shown += "...";
    return shown;
}

}  // namespace fanfare
