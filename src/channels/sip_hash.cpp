// SPDX-License-Identifier: MIT
#include "fanfare/channels/sip_hash.hpp"

#include <bit>
#include <cstddef>

namespace fanfare::channels {

namespace {

constexpr std::size_t word_bytes = 8;

/// Little-endian, as the algorithm has it. With a constant `count` this is one load.
std::uint64_t load(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
        word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return word;
}

struct SipState {
    std::uint64_t a;
    std::uint64_t b;
    std::uint64_t c;
    std::uint64_t d;

    void mix() {
        a += b;
        c += d;
        b = std::rotl(b, 13) ^ a;
        d = std::rotl(d, 16) ^ c;
        a = std::rotl(a, 32) + d;
        c += b;
        d = std::rotl(d, 21) ^ a;
        b = std::rotl(b, 17) ^ c;
        c = std::rotl(c, 32);
    }

    void absorb(std::uint64_t word) {
        d ^= word;
        mix();
        a ^= word;
    }
};

}  // namespace

std::uint64_t sip_hash(SipKey key, std::string_view text) {
    SipState state{
        key.low ^ 0x736f6d6570736575U,
        key.high ^ 0x646f72616e646f6dU,
        key.low ^ 0x6c7967656e657261U,
        key.high ^ 0x7465646279746573U};
    const std::uint64_t length = std::uint64_t{text.size()} << 56;
    for (; text.size() >= word_bytes; text.remove_prefix(word_bytes)) {
        state.absorb(load(text.data(), word_bytes));
    }
    state.absorb(length | load(text.data(), text.size()));
    state.c ^= 0xff;
    state.mix();
    state.mix();
    state.mix();
    return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace fanfare::channels
