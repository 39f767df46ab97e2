// SPDX-License-Identifier: MIT
#include "fanfare/channels/event_cache.hpp"

#include <iterator>

namespace fanfare::channels {

namespace {

/// The nodes of the list and the map, the frame's count, the key twice: so that tiny events do not
/// add up to much more than the bound.
constexpr std::size_t entry_bytes = 256;

}  // namespace

std::size_t EventCache::Entry::bytes() const {
    return entry_bytes + channel.name.size() * 2 + event.wire().size();
}

void EventCache::put(
    ChannelRef channel, const EncodedFrame& event, CacheTime time, Clock::TimePoint now
) {
    if (const auto known = by_channel_.find(channel); known != by_channel_.end()) {
        remove(known->second);
    }
    std::optional<Clock::TimePoint> expires_at;
    if (time != CacheTime::zero()) expires_at = now + time;
    entries_.push_back({ChannelKey(channel), event, expires_at});
    const auto entry = std::prev(entries_.end());
    by_channel_.emplace(entry->channel, entry);
    bytes_ += entry->bytes();
    while (!entries_.empty() && (bytes_ > max_bytes_ || entries_.front().is_expired(now))) {
        remove(entries_.begin());
    }
}

std::optional<CachedEvent> EventCache::find(ChannelRef channel, Clock::TimePoint now) const {
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end() || found->second->is_expired(now)) return std::nullopt;
    const Entry& entry = *found->second;
    CachedEvent cached{entry.event, std::nullopt};
    if (entry.expires_at) {
        cached.time_left = std::chrono::ceil<std::chrono::milliseconds>(*entry.expires_at - now);
    }
    return cached;
}

void EventCache::remove(Entries::iterator entry) {
    bytes_ -= entry->bytes();
    by_channel_.erase(by_channel_.find(ChannelRef(entry->channel)));
    entries_.erase(entry);
}

}  // namespace fanfare::channels
