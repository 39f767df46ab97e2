// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/passing.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fanfare::channels {

/// What has gone so recently that nobody is told yet: if it comes back in time, neither is news
/// (protocol.md section 6, debounce). A user of a channel, or with an empty user id the channel.
class Lingering {
public:
    struct Gone {
        ChannelKey channel;
        std::string user_id;
    };

    void add(Gone gone, Clock::TimePoint until);

    /// It is back; true if it was only lingering.
    bool take(ChannelRef channel, std::string_view user_id);

    [[nodiscard]] bool has(ChannelRef channel, std::string_view user_id) const;

    /// Takes those whose time is over, in the order of their going.
    [[nodiscard]] std::vector<Gone> take_due(Clock::TimePoint now);

    [[nodiscard]] std::vector<PassedAbsence> pass(Clock::TimePoint now) const;

private:
    using Queue = std::multimap<Clock::TimePoint, Gone>;

    [[nodiscard]] static std::string key_of(ChannelRef channel, std::string_view user_id);

    Queue queue_;
    std::unordered_map<ChannelKey, Queue::iterator, ChannelHash, ChannelEqual> places_;
};

}  // namespace fanfare::channels
