// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/channel_home.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/channels/count_throttle.hpp"
#include "fanfare/channels/event_cache.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/channels/lingering.hpp"
#include "fanfare/channels/subscribers.hpp"
#include "fanfare/channels/tracer.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// What a Hub has around it, which outlives it.
struct HubContext {
    unsigned shard;
    unsigned shards;
    ShardLinks& links;
    const Clock& clock;
    Cluster* cluster = nullptr;  ///< null if this node is alone
    std::size_t max_cache_bytes = 67'108'864;
    const AppPolicies* policies = nullptr;  ///< null: no app wants anything
    HappeningSink* happenings = nullptr;    ///< null: nobody is told
    Counters* counters = nullptr;           ///< of the shard; null: nothing is counted
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
    explicit Hub(const HubContext& context)
        : shard_(context.shard),
          shards_(context.shards),
          links_(context.links),
          clock_(context.clock),
          cluster_(context.cluster),
          policies_(context.policies),
          happenings_(context.happenings),
          counters_(context.counters),
          cache_(context.max_cache_bytes) {}

    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    void attach(Subscriber& subscriber);

    /// Leaves every channel. A join that is under way is undone when it arrives.
    void detach(Subscriber& subscriber);

    /// Asks the home to let `subscriber` in; it hears of it by on_join_result, perhaps before this
    /// returns. Of a channel at most one join of a subscriber may be under way, and until its
    /// result the subscriber may detach but not leave it. Joining again as the same user (or
    /// outside presence) only confirms again. As another user it takes the place of the old
    /// membership, in one step: if it is refused, the subscriber stays who it was.
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

    /// Whether there are no other nodes: then whatever is published is accepted.
    [[nodiscard]] bool is_alone() const { return cluster_ == nullptr; }

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

    /// Ends, on every shard, the connections of all who are signed in as `user_id`, and of all
    /// members of presence channels who are called so.
    void terminate(AppIndex app, const std::string& user_id);

    /// `done`, but only as long as the subscriber is there.
    template <typename Done>
    auto guarded(const Subscriber& subscriber, Done done) {
        return [this, subscriber = handle_of(subscriber), done](auto&&... answer) {
            if (find(subscriber) != nullptr) done(std::forward<decltype(answer)>(answer)...);
        };
    }

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

    [[nodiscard]] AppPolicy policy_of(AppIndex app) const;

    /// Tells the app of something that does not come from a join or a leave.
    void report(Happening happening);

    /// Several times a second: what is told with delay.
    void tick();

    // What the homes have decided, wherever they are.

    /// The answer to a join of this shard.
    void finish_join(const JoinRequest& request, const ChannelHome::JoinOutcome& outcome);

    /// To this shard's subscribers. `accepted` is when the frame, if it is an event, was accepted
    /// on this node.
    void deliver_here(
        ChannelRef channel,
        const EncodedFrame& frame,
        std::optional<protocol::SocketId> except,
        std::optional<Clock::TimePoint> accepted = std::nullopt
    );

    /// For a cluster that leaves the homes of a node's channels on its shards: keeps the last event
    /// of a cache channel.
    void keep(ChannelRef channel, const EncodedFrame& event, CacheTime time) {
        cache_.put(channel, event, time, clock_.now());
    }

    /// Ends this shard's connections of the user.
    void terminate_here(AppIndex app, std::string_view user_id);

    /// The channels that somebody of this shard is in.
    [[nodiscard]] std::size_t channel_count() const { return subscribers_.channel_count(); }

    /// Whether somebody of this shard is in the channel.
    [[nodiscard]] bool has_subscribers(ChannelRef channel) const;

    // For a cluster that leaves the homes of a node's channels on its shards: on the channel's
    // home.

    void join_at_home(const std::shared_ptr<JoinRequest>& request);

    /// A connection of `shard` has left; `user_id` is empty outside presence channels.
    void leave_at_home(ChannelRef channel, unsigned shard, const std::string& user_id);

    /// On the channel's home: to the app, or to the watchers of the user whose channel it is.
    void tell(Happening happening);

    // When the connections pass to another process: everything stands still, and any thread may.

    [[nodiscard]] PassedChannels pass() const;

    /// What concerns channels at home here.
    void take_over(PassedChannels passed);

    /// On the channel's home: somebody of `shard` is in it; `member` is null outside presence.
    void take_over(ChannelRef channel, unsigned shard, const Member* member) {
        home_.take_over(channel, shard, member);
    }

    /// On the subscriber's shard: it is in the channel.
    void take_over(
        Subscriber& subscriber, ChannelRef channel, std::unique_ptr<MemberIdentity> identity
    ) {
        subscribers_.add(subscriber, channel, std::move(identity));
    }

    /// For operators.
    [[nodiscard]] Tracer& tracer() { return tracer_; }

    /// Null if no connection of this shard is called so.
    [[nodiscard]] Subscriber* find_by_socket_id(protocol::SocketId socket_id) const;

    /// The connections of this shard by slot; null where a slot is free.
    [[nodiscard]] const std::vector<Subscriber*>& subscribers() const { return slots_; }

    /// Of the channels whose events this shard keeps.
    [[nodiscard]] std::optional<CachedEvent> cached(ChannelRef channel) const {
        return cache_.find(channel, clock_.now());
    }

    /// The channels at home on this shard; none if the cluster keeps them elsewhere.
    [[nodiscard]] const ChannelHome& home() const { return home_; }

    /// Where a channel is at home, as long as this node is alone.
    [[nodiscard]] unsigned home_of(ChannelRef channel) const {
        return channels::home_of(channel, shards_);
    }

private:
    struct Publishing;

    /// Runs `work(Hub&)` on the home of `channel`.
    template <typename Work>
    void at_home(ChannelRef channel, Work work) {
        const unsigned home = home_of(channel);
        if (home == shard_) {
            work(*this);
        } else {
            links_.post(home, std::move(work));
        }
    }

    void note_join(const ChannelHome::Join& join, const ChannelHome::JoinOutcome& outcome);
    void note_leave(
        ChannelRef channel, const std::string& user_id, const ChannelHome::LeaveOutcome& outcome
    );
    void note_coming(ChannelRef channel, const std::string& user_id);
    void note_going(
        ChannelRef channel, const std::string& user_id, std::chrono::milliseconds debounce
    );
    void note_count(ChannelRef channel, const AppPolicy& policy);
    void note_cache_miss(ChannelRef channel);
    void tell_count(ChannelRef channel, std::uint64_t count);

    void trace(
        std::string_view what,
        ChannelRef channel,
        std::optional<protocol::SocketId> socket_id,
        std::string_view payload = {}
    ) const {
        if (tracer_.is_on()) tracer_.tell({channel.app, socket_id, channel.name, what, payload});
    }

    [[nodiscard]] EncodedFrame replay(ChannelRef channel);
    void stats_of_cluster(std::vector<ChannelKey> channels, StatsDone done);
    void terminate_all(std::vector<SubscriberHandle> connections, UserRole role);
    void undo_join(const JoinRequest& request, JoinResult result);
    void remove_subscription(Subscriber& subscriber, std::size_t index);
    void leave_home(ChannelRef channel, const std::string& user_id);
    void publish_from(const std::shared_ptr<Publishing>& publishing);
    void broadcast(
        ChannelRef channel,
        const EncodedFrame& frame,
        std::optional<protocol::SocketId> except,
        std::optional<Clock::TimePoint> accepted = std::nullopt
    );
    void count_events(const std::vector<Publication>& publications);
    [[nodiscard]] std::size_t index_of(const Subscriber& subscriber, ChannelRef channel) const;
    [[nodiscard]] static SubscriberHandle handle_of(const Subscriber& subscriber);
    [[nodiscard]] Subscriber* find(const SubscriberHandle& handle) const;

    unsigned shard_;
    unsigned shards_;
    ShardLinks& links_;
    const Clock& clock_;
    Cluster* cluster_;
    const AppPolicies* policies_;
    HappeningSink* happenings_;
    Counters* counters_;
    Subscribers subscribers_;
    ChannelHome home_;
    EventCache cache_;     // of the channels at home here; of all, if a cluster leaves homes here
    Lingering lingering_;  // from the channels at home here
    CountThrottle counts_;
    Tracer tracer_;
    std::unordered_map<ChannelKey, Clock::TimePoint, ChannelHash, ChannelEqual>
        told_misses_;                 // of cached events, and when
    std::vector<Subscriber*> slots_;  // null: free
    std::vector<std::uint32_t> free_slots_;
};

}  // namespace fanfare::channels
