// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace fanfare::redis {

inline constexpr std::uint16_t slot_count = 16'384;

/// The slot of a Redis Cluster in which a key, or the topic of a sharded message, lies: CRC16 of
/// the key, or of what stands between its first `{` and the next `}`, if anything does.
[[nodiscard]] std::uint16_t hash_slot(std::string_view key);

}  // namespace fanfare::redis
