// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/passing.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace fanfare::channels {

/// How long a cache channel keeps its event; zero: as long as there is room.
using CacheTime = std::chrono::seconds;

/// The last event of a cache channel, as somebody finds it.
struct CachedEvent {
    EncodedFrame event;
    std::optional<std::chrono::milliseconds> time_left;  ///< none: it does not expire
};

/// The last event of each cache channel (protocol.md 3.2), whether or not anybody is in it. Bounded
/// in bytes: when there is no room, what was stored longest ago goes first.
class EventCache {
public:
    explicit EventCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    void put(ChannelRef channel, const EncodedFrame& event, CacheTime time, Clock::TimePoint now);

    /// The same for what another process has kept so far.
    void put(const PassedEvent& event, Clock::TimePoint now);

    [[nodiscard]] std::vector<PassedEvent> pass(Clock::TimePoint now) const;

    [[nodiscard]] std::optional<CachedEvent> find(ChannelRef channel, Clock::TimePoint now) const;

    /// What the events take up, with what it costs to keep them.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        ChannelKey channel;
        EncodedFrame event;
        std::optional<Clock::TimePoint> expires_at;

        [[nodiscard]] bool is_expired(Clock::TimePoint now) const {
            return expires_at && *expires_at <= now;
        }

        [[nodiscard]] std::size_t bytes() const;
        [[nodiscard]] std::optional<std::chrono::milliseconds> time_left(Clock::TimePoint now
        ) const;
    };

    using Entries = std::list<Entry>;

    void put(
        ChannelRef channel,
        const EncodedFrame& event,
        std::optional<Clock::TimePoint> expires_at,
        Clock::TimePoint now
    );
    void remove(Entries::iterator entry);

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    Entries entries_;  // the oldest first
    std::unordered_map<ChannelKey, Entries::iterator, ChannelHash, ChannelEqual> by_channel_;
};

}  // namespace fanfare::channels
