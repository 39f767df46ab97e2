// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/channel_key.hpp"

#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace fanfare::channels {

/// When a channel's subscription count is told: each change, but of a large channel only once in a
/// while (protocol.md section 4).
class CountThrottle {
public:
    static constexpr std::uint64_t large = 100;
    static constexpr std::chrono::seconds interval{5};

    /// The count has become `count`. False if it has to be told later.
    bool take(ChannelRef channel, std::uint64_t count, Clock::TimePoint now);

    /// The channels whose count is to be told now; they count as told.
    [[nodiscard]] std::vector<ChannelKey> take_due(Clock::TimePoint now);

    /// The channels that have a change to be told.
    [[nodiscard]] std::vector<ChannelKey> pass() const;

    /// Such a channel of another process.
    void take_over(ChannelRef channel, Clock::TimePoint now);

private:
    struct State {
        Clock::TimePoint next;
        bool has_changed = false;  // since it was told
    };

    std::unordered_map<ChannelKey, State, ChannelHash, ChannelEqual> large_;
};

}  // namespace fanfare::channels
