// SPDX-License-Identifier: MIT
#pragma once

#include "app_ids.hpp"
#include "followed_channel.hpp"
#include "membership.hpp"
#include "outbox.hpp"
#include "passed_node.hpp"
#include "queries.hpp"
#include "store.hpp"

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/channels/count_throttle.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

/// What the coordinator's thread has around it.
class Surroundings {
public:
    [[nodiscard]] virtual Clock::TimePoint now() const = 0;

    /// Runs `task` on a shard; tasks for one shard keep their order.
    virtual void post(unsigned shard, channels::ShardLinks::HubTask task) = 0;

    /// Causes a call of Coordinator::flush soon, after what is under way in this turn.
    virtual void request_flush() = 0;

    [[nodiscard]] virtual std::uint32_t open_connections(AppIndex app) const = 0;

    /// The connections of an app on the other nodes.
    virtual void set_connections_elsewhere(AppIndex app, std::uint32_t count) = 0;

    /// Another node has an app that is not known here; Coordinator::add_app follows if there is
    /// one.
    virtual void look_for_app(const std::string& app_id) = 0;

    [[nodiscard]] virtual channels::AppPolicy policy_of(AppIndex app) const = 0;

    /// Tells the app.
    virtual void tell(channels::Happening happening) = 0;

protected:
    ~Surroundings() = default;
};

struct CoordinatorOptions {
    std::string name;     ///< of this node; new with each start
    std::string address;  ///< for a person, as is the version
    std::string version;
    unsigned shards = 1;
    std::chrono::milliseconds lease{10'000};
    std::chrono::milliseconds linger{3'000};  ///< how long an idle channel is still followed
    std::size_t max_queued_bytes = 16'777'216;
};

/// One node's part in the cluster, without its sockets: follows in Redis the channels that this
/// node has subscribers for, and is the home of them all. What happens in a channel is decided by
/// the order in which Redis publishes it, the same for all nodes; this node's own joins, leaves and
/// events take effect here when they come back. While Redis is away this node decides for itself,
/// and when it is back tells what has become of it.
///
/// Everything runs on the thread of the bus.
class Coordinator final : private Membership::Listener {
public:
    using Published = std::function<void(bool)>;
    using StatsDone = std::function<void(std::vector<channels::ChannelStats>)>;
    using UsersDone = std::function<void(std::vector<std::string>)>;
    using ListDone = std::function<void(channels::ChannelHome::Listing)>;

    Coordinator(
        CoordinatorOptions options, Store& store, Surroundings& surroundings, spdlog::logger& log
    );

    /// An app, before anything is said about it; the indices of new ones come in order. Once more
    /// does no harm.
    void add_app(AppIndex app, const std::string& id);

    /// The app is no longer this node's, though its channels may still be closing.
    void remove_app(AppIndex app);

    // From the shards.
    void join(channels::JoinRequest request);
    void leave(unsigned shard, const channels::ChannelKey& key, const std::string& user_id);
    void publish(std::vector<channels::Publication> publications, Published done);
    void terminate(AppIndex app, const std::string& user_id);
    void report(const channels::Happening& happening);
    void stats(std::vector<channels::ChannelKey> keys, StatsDone done);
    void user_ids(const channels::ChannelKey& key, UsersDone done);
    void list(AppIndex app, const std::string& prefix, ListDone done);

    // The way from one process to the next; see Bus.
    [[nodiscard]] std::vector<channels::ChannelKey> channels_to_attend(bool is_last);
    [[nodiscard]] bool is_settled() const;
    [[nodiscard]] std::string pass() const;
    void attend(const std::vector<channels::ChannelKey>& channels, std::function<void(bool)> done);
    void take_over(const std::string& passed, const std::vector<PassedSubscription>& subscriptions);
    void succeed();

    // From Redis.
    void on_up(const std::string& servers);
    void on_down();
    void on_cluster_subscribed();
    void on_subscribed(std::string_view app_id, std::string_view name);
    void on_message(std::string_view app_id, std::string_view name, std::string_view bytes);
    void on_cluster_message(std::string_view bytes);

    /// Several times a second.
    void tick();

    /// Tells Redis what has changed in this turn.
    void flush();

    /// Gives up all that this node holds in Redis; `done` may never be called if Redis goes away.
    void withdraw(std::function<void()> done);

    /// Whether this node sees the whole cluster, and all its messages go out.
    [[nodiscard]] bool is_open() const { return is_open_; }

    /// From here through Redis and back, as last measured, or what the measurement under way has
    /// taken so far, if that is longer; 0: not measured yet.
    [[nodiscard]] std::chrono::microseconds lag() const;

    /// Of what Redis has not taken, or not given back.
    [[nodiscard]] std::size_t queued_bytes() const { return outbox_.bytes(); }

    /// In a word, why it is not open; empty if it is.
    [[nodiscard]] const char* trouble() const;

private:
    using Key = channels::ChannelKey;
    using Ref = channels::ChannelRef;

    // Membership::Listener
    void on_lease() override;
    void on_nodes() override;
    NodeInfo describe_node() override;
    std::vector<RecordedApp> recorded_apps() override;

    [[nodiscard]] ChannelName name_of(Ref channel) const;
    FollowedChannel* find(Ref channel);
    FollowedChannel& follow(const Key& key);

    /// Whether Redis is told of the channel's changes one by one, rather than all at the next sync.
    [[nodiscard]] bool is_live(const FollowedChannel& channel) const {
        return channel.is_subscribed && membership_.has_lease();
    }

    /// Whether Redis knows how it stands with this node. It does of one that was taken over, before
    /// that has renewed its lease.
    [[nodiscard]] bool can_ask() const { return membership_.has_lease() || is_holding_back_; }

    [[nodiscard]] ChannelWrite write_of(const FollowedChannel& channel) const;
    [[nodiscard]] Recording recording_of(Ref channel) const;
    void read_records();
    void read_records(unsigned bucket);
    void on_records(unsigned bucket, const std::vector<Recorded>& records);
    void tell(channels::Happening happening);
    [[nodiscard]] std::optional<AppIndex> find_served(std::string_view app_id) const;
    void keep_for_later(const Recorded& record);
    void drop_old_strangers();
    void tell_strangers(AppIndex app);
    void note_count(const FollowedChannel& channel);
    void tell_count(const FollowedChannel& channel);

    void mark_dirty(FollowedChannel& channel);
    void flush(FollowedChannel& channel);
    void on_updated(
        const Key& key, const std::vector<UserChange>& changes, const Store::Updated& u
    );

    void admit(FollowedChannel& channel, channels::JoinRequest request);
    void admit_waiting(FollowedChannel& channel);
    void keep(FollowedChannel& channel, const EventMessage& event);
    static std::optional<FollowedChannel::LocalUser> take_former(
        FollowedChannel& channel, const channels::ChannelHome::Join& join
    );
    [[nodiscard]] static bool has_room(const FollowedChannel& channel, const UserChange& change);
    void enter(FollowedChannel& channel, const channels::JoinRequest& request, bool has_replaced);
    void answer(FollowedChannel& channel, const channels::JoinRequest& request);
    void refuse(const channels::JoinRequest& request);
    void confirm_user(FollowedChannel& channel, const std::string& user_id, std::uint64_t op);
    void refuse_user(FollowedChannel& channel, const UserChange& change);
    using Except = std::optional<protocol::SocketId>;

    void remove_user(FollowedChannel& channel, const std::string& user_id);
    void member_joins(
        FollowedChannel& channel, Holder holder, const channels::Member& member, Except except = {}
    );
    void member_leaves(
        FollowedChannel& channel, Holder holder, const std::string& user_id, Except except = {}
    );
    void deliver(const FollowedChannel& channel, const EncodedFrame& frame, Except except);
    void deliver_event(const FollowedChannel& channel, const EventMessage& event);
    void deliver_from_outbox(const Outbox::Entry& entry);

    [[nodiscard]] PassedChannel passed(const FollowedChannel& channel) const;
    void attend_on(const std::string& servers);
    void note_attention();
    void take_over(PassedChannel passed);
    void take_over(const PassedSubscription& subscription);
    void replay(FollowedChannel& channel, const std::vector<std::string>& messages);

    void sync(FollowedChannel& channel);
    void on_announced(const Key& key, std::uint64_t token, Store::Announced announced);
    void finish_sync(FollowedChannel& channel);
    void apply(FollowedChannel& channel, const Snapshot& snapshot);
    void handle(FollowedChannel& channel, const Message& message);
    void set_synced(FollowedChannel& channel);
    void on_progress();
    void remove_leftovers();
    void open_if_ready();
    void decide_alone(FollowedChannel& channel);

    void terminate_here(AppIndex app, const std::string& user_id);
    void dispatch(Outbox::Entry new_entry);
    void send(const Outbox::Entry& entry);
    [[nodiscard]] Holder holder_of(const NodeId& node);
    void tell_counts();
    void on_counts(const CountsMessage& counts);
    void forget_dead_counts();
    void add_up_counts();
    void note_if_idle(FollowedChannel& channel);
    void drop_idle_channels();

    CoordinatorOptions options_;
    Store& store_;
    Surroundings& surroundings_;
    spdlog::logger& log_;
    Membership membership_;
    Outbox outbox_;
    Heard heard_;  // of what goes to the whole cluster
    Queries queries_;

    std::unordered_map<
        Key,
        std::unique_ptr<FollowedChannel>,
        channels::ChannelHash,
        channels::ChannelEqual>
        channels_;
    std::vector<Key> dirty_;
    std::deque<std::pair<Clock::TimePoint, Key>> idle_;  // channels, in the order of becoming idle
    std::vector<std::string> holders_;                   // names of Holders; 0 is this node

    /// While another process is the node still, in whose place this one will be.
    struct Succession {
        std::string servers;
        std::vector<std::string> heard;  // on the topic of the cluster
        std::function<void(bool)> on_attention;
        std::size_t missing = 1;  // subscriptions; one is that of the cluster's topic
        bool is_interrupted = false;
    };

    std::unique_ptr<Succession> succession_;
    std::optional<NodeId> predecessor_;  // the node as it was taken over, until the next lease
    bool is_holding_back_ = false;       // what channels hear, until Redis is told of them

    bool is_up_ = false;
    bool is_cluster_subscribed_ = false;
    bool is_synced_ = false;
    bool is_open_ = false;
    std::size_t unsynced_ = 0;
    std::uint64_t last_op_ = 0;
    std::uint64_t last_token_ = 0;

    std::string servers_;                          // of the last connection
    std::optional<Clock::TimePoint> doubt_until_;  // Redis may have forgotten what others hold
    std::optional<Clock::TimePoint> wait_for_peers_until_;
    std::vector<std::string> peers_;  // names of the other nodes, when last open

    std::map<std::string, std::vector<std::uint32_t>> counts_elsewhere_;  // by node name
    AppIds app_ids_;
    std::vector<bool> is_served_;             // by AppIndex
    std::vector<std::uint32_t> told_counts_;  // the same

    struct Bucket {
        std::uint64_t handled = 0;  // the serial of the last record
        bool is_reading = false;
        Clock::TimePoint asked_at;
    };

    /// Of an app that this node has still to hear of.
    struct StrangeRecord {
        Recorded record;
        Clock::TimePoint read_at;
    };

    std::vector<Bucket> buckets_;  // as far as this node has read their records
    Clock::TimePoint last_reading_;
    std::deque<StrangeRecord> strangers_;  // the oldest first
    channels::CountThrottle counts_;

    Clock::TimePoint last_echo_;
    std::int64_t lag_us_ = 0;
    std::optional<Clock::TimePoint> unanswered_since_;  // the first echo that has not come back
};

}  // namespace fanfare::cluster
