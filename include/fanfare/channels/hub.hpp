// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_home.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/channels/subscribers.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::channels {

class Hub;

/// How one shard's Hub reaches the others. Messages from one shard to another keep their order, and
/// order is causal across shards (see Mailbox).
class ShardLinks {
public:
    using HubTask = std::function<void(Hub&)>;

    virtual void post(unsigned shard, HubTask task) = 0;

protected:
    ~ShardLinks() = default;
};

/// A shard's door to all channels: it keeps the shard's subscribers, owns the homes of the channels
/// whose hash lands here, and carries everything else to the shard it belongs to.
///
/// Order: a channel's home decides one order for its joins, leaves and messages, and each shard
/// sees them in that order. A subscriber therefore gets nothing of a channel before its
/// confirmation and misses nothing after it. With one shard each hop is a plain call.
///
/// Where several nodes share the channels, the Cluster stands for the homes of all of them. It may
/// leave joins and leaves to the homes on the shards (Reverb's does).
class Hub {
public:
    /// `cluster` is null if this node is alone.
    Hub(unsigned shard, unsigned shards, ShardLinks& links, Cluster* cluster = nullptr)
        : shard_(shard), shards_(shards), links_(links), cluster_(cluster) {}

    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    void attach(Subscriber& subscriber);

    /// Leaves every channel. A join that is under way is undone when it arrives.
    void detach(Subscriber& subscriber);

    /// Asks the home to let `subscriber` in; it hears of it by on_join_result, perhaps before this
    /// returns. At most one join of a subscriber may be under way, and until its result the
    /// subscriber may detach but not leave. Joining again as the same user (or outside presence)
    /// only confirms again. As another user it takes the place of the old membership, in one step:
    /// if it is refused, the subscriber stays who it was.
    void join(
        Subscriber& subscriber,
        ChannelRef channel,
        std::optional<Member> member,
        std::size_t max_members
    );

    /// No effect if the subscriber is not in the channel.
    void leave(Subscriber& subscriber, ChannelRef channel);

    /// Null if the subscriber is not in the channel.
    [[nodiscard]] const Subscriber::Subscription* find_subscription(
        const Subscriber& subscriber, ChannelRef channel
    ) const;

    /// Told whether the publications were accepted; if not, nobody gets any of them.
    using Published = std::function<void(bool)>;

    /// Accepts the publications in their order, which is the order in which a subscriber of several
    /// of the channels gets them, and then calls `done` on this shard (it may be null).
    void publish(std::vector<Publication> publications, Published done);

    using StatsDone = std::function<void(std::vector<ChannelStats>)>;

    /// The stats of `channels`, in their order.
    void stats(std::vector<ChannelKey> channels, StatsDone done);

    /// The users of a presence channel, in join order.
    void user_ids(ChannelKey channel, std::function<void(std::vector<std::string>)> done);

    /// The occupied channels of an app whose names begin with `prefix`, in any order.
    void list(AppIndex app, std::string prefix, std::function<void(ChannelHome::Listing)> done);

    /// The connections of an app on all other nodes, if these have to be asked.
    void connections_elsewhere(
        AppIndex app, const std::function<void(std::optional<std::uint64_t>)>& done
    );

    /// Ends the connections of all members of presence channels called `user_id`, on every shard.
    void terminate(AppIndex app, const std::string& user_id);

    /// Runs `query` on `shard` and hands its answer to `done` on this one.
    template <typename Answer>
    void ask(unsigned shard, std::function<Answer(Hub&)> query, std::function<void(Answer)> done) {
        if (shard == shard_) return done(query(*this));
        links_.post(
            shard,
            [query = std::move(query), done = std::move(done), from = shard_](Hub& hub) {
                hub.links_.post(from, [answer = query(hub), done](Hub&) mutable {
                    done(std::move(answer));
                });
            }
        );
    }

    /// Runs `query` on every shard and hands the answers to `done` on this one, ordered by shard.
    template <typename Answer>
    void ask_all(
        const std::function<Answer(Hub&)>& query, std::function<void(std::vector<Answer>)> done
    ) {
        struct Gathering {
            std::vector<Answer> answers;
            unsigned missing;
            std::function<void(std::vector<Answer>)> done;
        };

        // Shared by the replies, which all run on this shard.
        const auto gathering = std::make_shared<Gathering>(Gathering{
            std::vector<Answer>(shards_), shards_, std::move(done)});
        for (unsigned shard = 0; shard < shards_; ++shard) {
            ask<Answer>(shard, query, [gathering, shard](Answer answer) {
                gathering->answers[shard] = std::move(answer);
                if (--gathering->missing == 0) gathering->done(std::move(gathering->answers));
            });
        }
    }

    // What the homes have decided, wherever they are.

    /// The answer to a join of this shard.
    void finish_join(const JoinRequest& request, const ChannelHome::JoinOutcome& outcome);

    /// To this shard's subscribers.
    void deliver_here(
        ChannelRef channel, const EncodedFrame& frame, std::optional<protocol::SocketId> except
    );

    /// Ends this shard's connections of the user.
    void terminate_here(AppIndex app, std::string_view user_id);

    /// Whether somebody of this shard is in the channel.
    [[nodiscard]] bool has_subscribers(ChannelRef channel) const;

    // For a cluster that leaves the homes of a node's channels on its shards: on the channel's
    // home.

    void join_at_home(const std::shared_ptr<JoinRequest>& request);

    /// A connection of `shard` has left; `user_id` is empty outside presence channels.
    void leave_at_home(ChannelRef channel, unsigned shard, const std::string& user_id);

    /// The connections of this shard by slot; null where a slot is free.
    [[nodiscard]] const std::vector<Subscriber*>& subscribers() const { return slots_; }

    /// The channels at home on this shard; none if the cluster keeps them elsewhere.
    [[nodiscard]] const ChannelHome& home() const { return home_; }

    /// Where a channel is at home, as long as this node is alone.
    [[nodiscard]] unsigned home_of(ChannelRef channel) const {
        return channels::home_of(channel, shards_);
    }

private:
    struct Publishing;

    template <typename Work>
    void at_home(ChannelRef channel, Work work);
    void undo_join(const JoinRequest& request, JoinResult result);
    void remove_subscription(Subscriber& subscriber, std::size_t index);
    void leave_home(ChannelRef channel, const std::string& user_id);
    void publish_from(const std::shared_ptr<Publishing>& publishing);
    void broadcast(
        ChannelRef channel, const EncodedFrame& frame, std::optional<protocol::SocketId> except
    );
    [[nodiscard]] std::size_t index_of(const Subscriber& subscriber, ChannelRef channel) const;
    [[nodiscard]] static SubscriberHandle handle_of(const Subscriber& subscriber);
    [[nodiscard]] Subscriber* find(const SubscriberHandle& handle) const;

    unsigned shard_;
    unsigned shards_;
    ShardLinks& links_;
    Cluster* cluster_;
    Subscribers subscribers_;
    ChannelHome home_;
    std::vector<Subscriber*> slots_;  // null: free
    std::vector<std::uint32_t> free_slots_;
};

}  // namespace fanfare::channels
