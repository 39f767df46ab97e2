// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 the slow and obvious way, to check the validator against: decode a number, then look at
/// it.
namespace fanfare::testing {

/// The length of the character at the front of `text`, 0 if there is no valid one.
inline std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    std::size_t length = 0;
    if (byte(0) < 0x80) length = 1;
    if (byte(0) >> 5 == 0b110) length = 2;
    if (byte(0) >> 4 == 0b1110) length = 3;
    if (byte(0) >> 3 == 0b11110) length = 4;
    if (length == 0 || length > text.size()) return 0;

    unsigned long value = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if (byte(at) >> 6 != 0b10) return 0;
        value = value << 6 | (byte(at) & 0x3fU);
    }
    constexpr std::array<unsigned long, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    return value < smallest[length] || is_surrogate || value > 0x10ffff ? 0 : length;
}

inline bool is_utf8_by_reference(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Whether some valid text begins like this: tries the few endings of which one fits if any does.
inline bool is_start_of_utf8(const std::string& text) {
    if (is_utf8_by_reference(text)) return true;
    for (const auto* first : {"\x80", "\x90", "\xa0"}) {
        for (const auto* rest : {"", "\x80", "\x80\x80"}) {
            if (is_utf8_by_reference(text + first + rest)) return true;
        }
    }
    return false;
}

}  // namespace fanfare::testing
