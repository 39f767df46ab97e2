// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_key.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace fanfare::channels {

/// Something about a channel that an app may want to be told of (protocol.md section 6).
struct Happening {
    enum class Kind : std::uint8_t {
        channel_occupied,
        channel_vacated,
        member_added,
        member_removed,
        client_event,
        cache_miss,
        subscription_count,
    };

    Kind kind;
    ChannelKey channel;
    /// Of a member the user id; of a client event all of it, as JSON; of a count the number.
    std::string detail{};
};

/// If it is about the channel of a user: what the user's watchers are to hear, and in which
/// channel.
[[nodiscard]] std::optional<std::pair<ChannelKey, EncodedFrame>> news_for_watchers(
    const Happening& happening
);

/// Whoever tells the apps.
class HappeningSink {
public:
    /// Any thread; of one channel in the order of happening.
    virtual void on_happening(Happening happening) = 0;

protected:
    ~HappeningSink() = default;
};

/// What an app wants to be known about its channels, all of which costs something.
struct AppPolicy {
    bool tells_transitions : 1 = false;  ///< of channels (occupied, vacated) and members
    bool tells_client_events : 1 = false;
    bool tells_cache_misses : 1 = false;
    bool tells_counts : 1 = false;
    bool watches_users : 1 = false;         ///< to their watchers
    bool counts_subscriptions : 1 = false;  ///< to the subscribers
    /// How long who has left is expected back, so that neither is news.
    std::chrono::duration<std::uint32_t, std::milli> debounce{3'000};

    /// Whether the app, or the watchers of its users, are told of anything.
    [[nodiscard]] bool wants_news() const {
        return tells_transitions || tells_client_events || tells_cache_misses || tells_counts ||
               watches_users;
    }

    /// Whether coming and going matters in the channel.
    [[nodiscard]] bool has_transitions(bool is_user_channel) const {
        return is_user_channel ? watches_users : tells_transitions;
    }
};

static_assert(std::atomic<AppPolicy>::is_always_lock_free, "it is read by all threads");

/// By app; any thread.
class AppPolicies {
public:
    [[nodiscard]] virtual AppPolicy of(AppIndex app) const = 0;

protected:
    ~AppPolicies() = default;
};

}  // namespace fanfare::channels
