// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"
#include "fanfare/redis/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::redis {

/// Both ends belong to it.
struct SlotRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const SlotRange&, const SlotRange&) = default;
};

/// A server to work with; without slots, where there are none.
struct Master {
    Endpoint endpoint;
    std::vector<SlotRange> slots;

    friend bool operator==(const Master&, const Master&) = default;
};

/// The answer to CLUSTER SLOTS as masters, by endpoint, so that equal clusters compare equal. None,
/// if it does not cover every slot or is no such answer. A node that does not know its own host
/// leaves it empty: it is the one that was asked, `asked_host`.
[[nodiscard]] std::optional<std::vector<Master>> parse_cluster_slots(
    const Reply& reply, const std::string& asked_host
);

}  // namespace fanfare::redis
