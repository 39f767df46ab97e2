// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace fanfare::channels {

struct SipKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

/// SipHash-1-3 (Aumasson and Bernstein 2012, with the fewer rounds that Rust and Python take for
/// their tables): whoever does not know the key cannot find texts that collide.
[[nodiscard]] std::uint64_t sip_hash(SipKey key, std::string_view text);

}  // namespace fanfare::channels
