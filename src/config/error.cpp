// SPDX-License-Identifier: MIT
#include "fanfare/config/error.hpp"

#include <cstddef>

namespace fanfare::config {

namespace {

constexpr std::size_t max_shown = 80;
constexpr std::size_t shortest_hinted_secret = 8;

bool continues_a_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string_view without_half_a_character(std::string_view text, std::size_t length) {
    while (length > 0 && continues_a_character(text[length])) --length;
    return text.substr(0, length);
}

}  // namespace

std::string printable(std::string_view text) {
    const bool is_long = text.size() > max_shown;
    if (is_long) text = without_half_a_character(text, max_shown);
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) {
            out += c;
            continue;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        out += "\\x";
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    if (is_long) out += "…";
    return out;
}

std::string masked(std::string_view secret) {
    if (secret.empty()) return {};
    if (secret.size() < shortest_hinted_secret) return "***";
    return printable(without_half_a_character(secret, 2)) + "…";
}

}  // namespace fanfare::config
