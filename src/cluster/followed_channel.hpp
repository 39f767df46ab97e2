// SPDX-License-Identifier: MIT
#pragma once

#include "heard.hpp"
#include "message.hpp"
#include "roster.hpp"
#include "store.hpp"

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/cluster.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fanfare::cluster {

/// A channel that this node follows: somebody here is in it, wants to be, or was until a moment
/// ago. Plain data with the operations that need nothing else; the Coordinator decides.
struct FollowedChannel {
    /// A user with connections on this node. Until `is_member` the cluster has not answered.
    struct LocalUser {
        channels::Member member;
        std::uint64_t connections = 0;
        std::uint64_t op = 0;
        bool is_member = false;
        bool is_announced = false;  ///< told as a fact: a refusal of before has no meaning any more
        bool was_known = false;     ///< to the cluster, before Redis was lost
    };

    /// A join that waits for the cluster's answer about its user.
    struct Pending {
        std::uint64_t op;  ///< of the user
        channels::JoinRequest request;
        /// Who the connection was, if nobody else on this node is: the user takes its place. Comes
        /// back if it is refused.
        std::optional<LocalUser> former;
    };

    explicit FollowedChannel(channels::ChannelKey channel_key);

    [[nodiscard]] std::uint64_t subscriptions() const;

    [[nodiscard]] bool is_idle() const {
        return shards.empty() && waiting.empty() && pending.empty();
    }

    [[nodiscard]] channels::ChannelStats local_stats() const {
        return {subscriptions(), roster.presence().size()};
    }

    void add_subscription(unsigned shard);

    /// False if the shard had none.
    bool remove_subscription(unsigned shard);

    /// Redis is lost: what it has been told, apps know as well.
    void remember_what_is_known();

    /// What Redis has to be told of this node's users, now that it has to be told everything. If it
    /// may have forgotten, users that apps know of are no news.
    [[nodiscard]] std::vector<UserChange> announce_users(bool may_have_forgotten);

    /// Whether what the cluster knows of it, beyond who is subscribed, is on its way here.
    [[nodiscard]] bool is_fetching_event() const { return is_cache && sync_token != 0; }

    /// Of a cache channel: this is its last event. `time_left`: none if it does not expire.
    void keep(
        const EncodedFrame& event,
        std::optional<std::chrono::milliseconds> time_left,
        Clock::TimePoint now
    );

    [[nodiscard]] std::optional<channels::CachedEvent> cached(Clock::TimePoint now) const;

    void forget_cached() { cached_.reset(); }

    /// `pusher_internal:subscription_succeeded` of this moment.
    [[nodiscard]] EncodedFrame confirmation();

    bool roster_join(Holder holder, const channels::Member& member);
    std::optional<std::string> roster_leave(Holder holder, const std::string& user_id);

    /// The connection that changes its user by `op`: in its own eyes neither the old one leaves nor
    /// the new one comes.
    [[nodiscard]] std::optional<protocol::SocketId> changer(std::uint64_t op) const;

    const channels::ChannelKey key;
    const bool is_presence;
    const bool is_cache;

    std::vector<std::pair<unsigned, std::uint64_t>> shards;  // those with subscribers
    std::map<std::string, LocalUser, std::less<>> users;
    Roster roster;

    bool is_subscribed = false;                       // Redis has said so
    bool is_dirty = false;                            // Redis has to be told something
    bool is_passed = false;                           // another process follows it as well
    bool is_unsynced = false;                         // since this node's lease began
    std::optional<std::uint64_t> told_subscriptions;  // what Redis was told last
    bool was_occupied = false;                        // by this node, before Redis was lost
    std::uint64_t count = 0;                          // of connections, as was last heard

    std::uint64_t sync_token = 0;          // of the announcement under way; 0: none
    std::optional<Snapshot> snapshot;      // its answer
    std::optional<std::size_t> synced_at;  // its place in the messages that are held back
    std::vector<std::string> held_back;

    std::vector<channels::JoinRequest> waiting;  // for the subscription, and the cached event
    std::vector<Pending> pending;
    std::vector<UserChange> changes;  // not yet sent
    std::optional<Clock::TimePoint> idle_since;
    Heard heard;  // of the events here

private:
    struct Cached {
        EncodedFrame event;
        std::optional<Clock::TimePoint> expires_at;
    };

    std::optional<Cached> cached_;
    std::optional<EncodedFrame> confirmation_;  // of the roster as it is
};

}  // namespace fanfare::cluster
