// SPDX-License-Identifier: MIT
#include "fanfare/base/log_text.hpp"

namespace fanfare {

namespace {

void append_escaped(std::string& shown, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    shown += "\\x";
    shown.push_back(digits[byte >> 4U]);
    shown.push_back(digits[byte & 0xfU]);
}

}  // namespace

std::string log_text(std::string_view text, std::size_t max_bytes) {
    std::string shown;
    for (const char c : text.substr(0, max_bytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            shown.push_back(c);
        } else {
            append_escaped(shown, c);
        }
    }
    if (text.size() > max_bytes) shown += "...";
    return shown;
}

std::string terminal_text(std::string_view text) {
    std::string shown;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // C1
            append_escaped(shown, text[i]);
            append_escaped(shown, text[++i]);
        } else if (byte < 0x20 || byte == 0x7f) {
            append_escaped(shown, text[i]);
        } else {
            shown.push_back(text[i]);
        }
    }
    return shown;
}

}  // namespace fanfare
