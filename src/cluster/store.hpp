// SPDX-License-Identifier: MIT
#pragma once

#include "message.hpp"

#include "fanfare/channels/channel_home.hpp"
#include "fanfare/channels/happening.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::cluster {

/// A channel as all nodes call it.
struct ChannelName {
    std::string_view app_id;
    std::string_view name;
};

/// Redis time in milliseconds.
using RedisTime = std::int64_t;

/// Who writes, and until when Redis may take it for alive: later writes are refused, so nothing of
/// a dead node can arrive after its burial.
struct Lease {
    NodeId node;
    RedisTime deadline = 0;
};

/// One change of this node's users in a presence channel.
struct UserChange {
    std::uint64_t op = 0;
    bool is_join = false;
    channels::Member member;       ///< only `user_id` for a leave
    std::size_t max_members = 0;   ///< of a join; 0 = no limit
    std::string former_user_id{};  ///< whose place the joining user takes; empty: nobody's
    bool is_known = false;         ///< apps have been told of the user, whatever Redis remembers
};

/// What is recorded, for the apps, of a channel's coming and going.
struct Recording {
    /// Of the channel and its members: how long who has gone is expected back.
    std::optional<std::chrono::milliseconds> transitions;
    bool counts = false;         ///< of subscriptions
    bool counts_to_all = false;  ///< the same, as a CountMessage
};

/// What a node has to say of a channel.
struct ChannelWrite {
    ChannelName channel;
    Lease lease;
    std::uint64_t subscriptions = 0;  ///< of this node
    bool holds_anything = false;      ///< whether a subscription or a user of this node is left
    bool is_known = false;  ///< apps have been told that it is occupied, whatever Redis remembers
    Recording recording;
};

/// What was recorded, in its order; once for all nodes.
struct Recorded {
    std::uint64_t serial = 0;  ///< grows, in each bucket
    std::string app_id;
    std::string channel;
    channels::Happening::Kind kind{};
    std::string detail;
};

/// An app whose channels are recorded: when others are removed from them.
struct RecordedApp {
    std::string id;
    Recording channels;
    Recording users;  ///< of the channels of its users
};

/// What is known of a node, as it says it at each heartbeat.
struct NodeInfo {
    bool is_syncing = false;  ///< it has not announced everything yet
    std::uint64_t channels = 0;
    std::uint64_t queued_bytes = 0;
    std::int64_t lag_us = 0;
    std::string version;
    std::string address;
    std::vector<std::pair<std::string, std::uint32_t>> connections;  ///< by app id
};

struct NodeEntry {
    NodeId node;
    RedisTime deadline = 0;
    NodeInfo info;
};

struct Heartbeat {
    bool is_dead = false;  ///< the lease is lost: come back as the next incarnation
    RedisTime now = 0;
    RedisTime deadline = 0;  ///< of this node's lease
    std::vector<NodeEntry> nodes;
};

/// The users of a channel and the nodes that hold each, in join order.
struct Snapshot {
    struct User {
        channels::Member member;
        std::vector<NodeId> nodes;
    };

    std::vector<User> users;
    std::optional<channels::CachedEvent> cached;
};

/// What the coordinator needs of Redis; RedisStore is the real one, and a simulation stands in for
/// it in tests. Calls are answered in their order per channel; an answer that was under way when
/// the connection was lost never comes. State is kept per channel in one place, and each call that
/// changes it is atomic together with the messages it publishes.
class Store {
public:
    virtual ~Store() = default;

    virtual void subscribe(ChannelName channel) = 0;
    virtual void unsubscribe(ChannelName channel) = 0;
    virtual void subscribe_cluster() = 0;

    using Done = std::function<void()>;

    virtual void publish(ChannelName channel, std::string_view message, Done done) = 0;
    /// Also makes it the event that a cache channel keeps: `text` is that of its frame.
    virtual void publish_and_keep(
        ChannelName channel,
        std::string_view message,
        std::string_view text,
        channels::CacheTime time,
        Done done
    ) = 0;
    virtual void publish_cluster(std::string_view message, Done done) = 0;

    enum class UserResult : std::uint8_t { changed, unchanged, full };

    struct Updated {
        bool is_fenced = false;  ///< refused: the lease is over
        std::vector<UserResult> results;
    };

    /// Sets this node's subscription count, changes its users and publishes JoinMessage and
    /// LeaveMessage for those that changed.
    virtual void update(
        const ChannelWrite& write,
        const std::vector<UserChange>& changes,
        std::function<void(Updated)> done
    ) = 0;

    struct Announced {
        bool is_fenced = false;
        Snapshot snapshot;
    };

    /// Makes what Redis holds of this node in the channel equal to what is given, publishes the
    /// differences and then a SyncMessage with `token`; answers with everybody's state.
    virtual void announce(
        const ChannelWrite& write,
        const std::vector<UserChange>& users,
        std::uint64_t token,
        std::function<void(Announced)> done
    ) = 0;

    using Holdings = std::vector<std::pair<std::string, std::string>>;  ///< app id and channel

    /// The channels in which Redis holds anything of `node`.
    virtual void holdings(const NodeId& node, std::function<void(Holdings)> done) = 0;

    /// Renews (or with `is_new` takes) the lease and answers with all nodes.
    virtual void heartbeat(
        const NodeId& node,
        bool is_new,
        std::chrono::milliseconds validity,
        const NodeInfo& info,
        std::function<void(Heartbeat)> done
    ) = 0;

    /// Removes all that Redis holds of a node whose lease is over (or one's own), telling the
    /// channels by GoneMessage, and then its lease. May run on several nodes at once.
    virtual void bury(const NodeId& node, const std::vector<RecordedApp>& recorded, Done done) = 0;

    /// Parts of the channels, each of which has its records.
    [[nodiscard]] virtual unsigned buckets() const = 0;

    /// Records something; with `interval` not again before that has passed.
    virtual void record(
        ChannelName channel,
        channels::Happening::Kind kind,
        std::string_view detail,
        std::chrono::milliseconds interval
    ) = 0;

    /// The next records of a bucket, for three seconds to this node alone; nothing if another has
    /// them. Those up to `handled` are forgotten; what is not handled comes again.
    virtual void read_records(
        unsigned bucket,
        const NodeId& reader,
        std::uint64_t handled,
        std::function<void(std::vector<Recorded>)> done
    ) = 0;

    virtual void stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) = 0;
    virtual void user_ids(
        ChannelName channel, std::function<void(std::vector<std::string>)> done
    ) = 0;
    virtual void list(
        std::string_view app_id,
        std::string_view prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) = 0;
};

}  // namespace fanfare::cluster
