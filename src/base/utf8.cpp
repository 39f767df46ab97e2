// SPDX-License-Identifier: MIT
#include "fanfare/base/utf8.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace fanfare {
namespace {

/// How many bytes at the front are ASCII, a word at a time; the last 7 bytes are not looked at.
std::size_t ascii_prefix(const char* bytes, std::size_t size) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    std::size_t length = 0;
    for (; size - length >= sizeof(std::uint64_t); length += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + length, sizeof word);
        const std::uint64_t found = word & high_bits;
        if (found == 0) continue;
        const int zeros = std::endian::native == std::endian::little ? std::countr_zero(found)
                                                                     : std::countl_zero(found);
        return length + static_cast<std::size_t>(zeros) / 8;
    }
    return length;
}

}  // namespace

bool Utf8Validator::begin_character(unsigned char lead) noexcept {
    lowest_ = 0x80;
    highest_ = 0xbf;
    if (lead < 0x80) return true;
    // The second byte is where overlong forms (after e0, f0), surrogates (ed) and values above
    // U+10FFFF (f4) show.
    if (lead >= 0xc2 && lead <= 0xdf) {
        missing_ = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        missing_ = 2;
        if (lead == 0xe0) lowest_ = 0xa0;
        if (lead == 0xed) highest_ = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        missing_ = 3;
        if (lead == 0xf0) lowest_ = 0x90;
        if (lead == 0xf4) highest_ = 0x8f;
    } else {
        return false;
    }
    return true;
}

bool Utf8Validator::continue_character(unsigned char byte) noexcept {
    if (byte < lowest_ || byte > highest_) return false;
    --missing_;
    lowest_ = 0x80;
    highest_ = 0xbf;
    return true;
}

bool Utf8Validator::feed(std::string_view bytes) noexcept {
    const bool has_failed = lowest_ > highest_;
    if (has_failed) return false;
    // A local copy may live in registers; *this may not, as bytes could alias it.
    Utf8Validator state = *this;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto byte = static_cast<unsigned char>(bytes[at]);
        if (state.missing_ == 0 && byte < 0x80) {
            at += ascii_prefix(bytes.data() + at, bytes.size() - at);
            if (at == bytes.size()) break;
            byte = static_cast<unsigned char>(bytes[at]);
        }
        const bool is_possible =
            state.missing_ == 0 ? state.begin_character(byte) : state.continue_character(byte);
        if (!is_possible) {
            missing_ = 1;
            lowest_ = 1;
            highest_ = 0;
            return false;
        }
    }
    *this = state;
    return true;
}

bool is_valid_utf8(std::string_view text) noexcept {
    Utf8Validator validator;
    return validator.feed(text) && validator.is_complete();
}

}  // namespace fanfare
