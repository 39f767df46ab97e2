// SPDX-License-Identifier: MIT
#include "fanfare/channels/count_throttle.hpp"

namespace fanfare::channels {

bool CountThrottle::take(ChannelRef channel, std::uint64_t count, Clock::TimePoint now) {
    const auto found = large_.find(channel);
    if (count <= large) {
        if (found != large_.end()) large_.erase(found);
        return true;
    }
    if (found == large_.end()) {
        large_.emplace(ChannelKey(channel), State{now + interval});
        return true;
    }
    found->second.has_changed = true;
    return false;
}

std::vector<ChannelKey> CountThrottle::pass() const {
    std::vector<ChannelKey> passed;
    for (const auto& [channel, state] : large_) {
        if (state.has_changed) passed.push_back(channel);
    }
    return passed;
}

void CountThrottle::take_over(ChannelRef channel, Clock::TimePoint now) {
    large_.insert_or_assign(ChannelKey(channel), State{now + interval, true});
}

std::vector<ChannelKey> CountThrottle::take_due(Clock::TimePoint now) {
    std::vector<ChannelKey> due;
    for (auto entry = large_.begin(); entry != large_.end();) {
        State& state = entry->second;
        if (state.next > now) {
            ++entry;
        } else if (!state.has_changed) {
            entry = large_.erase(entry);
        } else {
            due.push_back(entry->first);
            state = {now + interval};
            ++entry;
        }
    }
    return due;
}

}  // namespace fanfare::channels
