// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace fanfare {

/// Checks UTF-8 (Unicode table 3-7) that arrives in pieces: refuses overlong forms, surrogates and
/// everything above U+10FFFF at the first byte that no valid text could have in that place.
///
/// A value of three bytes; copy it to remember a position.
class Utf8Validator {
public:
    /// False as soon as the text fed so far cannot be the start of valid UTF-8, and from then on.
    [[nodiscard]] bool feed(std::string_view bytes) noexcept;

    void reset() noexcept { *this = Utf8Validator(); }

    /// Whether the text may end here: all valid and no character left half.
    [[nodiscard]] bool is_complete() const noexcept { return missing_ == 0; }

private:
    bool begin_character(unsigned char lead) noexcept;
    bool continue_character(unsigned char byte) noexcept;

    std::uint8_t missing_ = 0;  // bytes the current character still needs
    std::uint8_t lowest_ =
        0x80;  // what the next of them may be; lowest_ > highest_ after a failure
    std::uint8_t highest_ = 0xbf;
};

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace fanfare
