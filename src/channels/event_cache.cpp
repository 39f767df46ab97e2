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

std::optional<std::chrono::milliseconds> EventCache::Entry::time_left(Clock::TimePoint now) const {
    if (!expires_at) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(*expires_at - now);
}

void EventCache::put(
    ChannelRef channel, const EncodedFrame& event, CacheTime time, Clock::TimePoint now
) {
    const bool expires = time != CacheTime::zero();
    put(channel, event, expires ? std::optional(now + time) : std::nullopt, now);
}

void EventCache::put(const PassedEvent& event, Clock::TimePoint now) {
    const EncodedFrame frame(event.text);
    const bool expires = event.time_left.has_value();
    put(event.channel, frame, expires ? std::optional(now + *event.time_left) : std::nullopt, now);
}

std::vector<PassedEvent> EventCache::pass(Clock::TimePoint now) const {
    std::vector<PassedEvent> passed;
    for (const Entry& entry : entries_) {
        if (entry.is_expired(now)) continue;
        passed.push_back({entry.channel, std::string(entry.event.text()), entry.time_left(now)});
    }
    return passed;
}

void EventCache::put(
    ChannelRef channel,
    const EncodedFrame& event,
    std::optional<Clock::TimePoint> expires_at,
    Clock::TimePoint now
) {
    if (const auto known = by_channel_.find(channel); known != by_channel_.end()) {
        remove(known->second);
    }
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
    return CachedEvent{entry.event, entry.time_left(now)};
}

void EventCache::remove(Entries::iterator entry) {
    bytes_ -= entry->bytes();
    by_channel_.erase(by_channel_.find(ChannelRef(entry->channel)));
    entries_.erase(entry);
}

}  // namespace fanfare::channels
