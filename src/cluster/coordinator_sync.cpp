// SPDX-License-Identifier: MIT
// How the coordinator and Redis come to know the same: the stream of messages, and the state that
// is announced and fetched whenever the stream was interrupted.
#include "coordinator.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

using channels::JoinRequest;

// ---- the connection

void Coordinator::on_up(const std::string& servers) {
    is_up_ = true;
    if (succession_) return attend_on(servers);
    // Other processes than before: an empty Redis, or a replica that may lack the latest.
    const bool is_same = servers_ == servers || servers_.empty();
    servers_ = servers;
    if (!is_same) doubt_until_ = surroundings_.now() + options_.lease;
    membership_.on_up(surroundings_.now());
}

void Coordinator::on_down() {
    if (succession_) {
        is_up_ = false;
        succession_->is_interrupted = true;
        return note_attention();
    }
    if (membership_.has_lease()) {
        for (auto& [key, channel] : channels_) channel->remember_what_is_known();
    }
    is_up_ = is_cluster_subscribed_ = is_synced_ = is_open_ = false;
    unanswered_since_.reset();
    is_holding_back_ = false;
    predecessor_.reset();
    wait_for_peers_until_.reset();
    membership_.on_down();
    outbox_.on_away([this](const Outbox::Entry& entry) { deliver_from_outbox(entry); });
    for (auto& [key, channel] : channels_) decide_alone(*channel);
    dirty_.clear();
    unsynced_ = 0;
    counts_elsewhere_.clear();
    add_up_counts();
    queries_.give_up_on_all();
    for (Bucket& bucket : buckets_) bucket.is_reading = false;
}

/// Redis is away: what was under way to it takes effect here now.
void Coordinator::decide_alone(FollowedChannel& channel) {
    replay(channel, std::exchange(channel.held_back, {}));
    channel.is_subscribed = channel.is_dirty = channel.is_unsynced = false;
    channel.sync_token = 0;
    channel.snapshot.reset();
    channel.synced_at.reset();
    channel.changes.clear();

    for (const auto& holding : channel.roster.find([&](const Roster::Holding& holding) {
             return holding.holder == self && !channel.users.contains(holding.user_id);
         })) {
        member_leaves(channel, self, holding.user_id);
    }
    for (const auto& [id, user] : channel.users) {
        member_joins(channel, self, user.member);
        confirm_user(channel, id, user.op);
    }
    admit_waiting(channel);
}

void Coordinator::admit_waiting(FollowedChannel& channel) {
    for (JoinRequest& request : std::exchange(channel.waiting, {})) {
        admit(channel, std::move(request));
    }
}

/// The lease is there, for a new connection or for a new incarnation: Redis has to learn anew what
/// this node holds.
void Coordinator::on_lease() {
    is_synced_ = is_holding_back_ = false;
    unsynced_ = channels_.size();
    if (!is_cluster_subscribed_) store_.subscribe_cluster();
    // What another process has said under the same lease holds.
    const bool is_known = std::exchange(predecessor_, std::nullopt) == membership_.lease().node;
    for (auto& [key, channel] : channels_) {
        if (!is_known) channel->told_subscriptions.reset();
        channel->is_unsynced = true;
        if (channel->is_subscribed) {
            sync(*channel);
        } else {
            store_.subscribe(name_of(key));
        }
    }
    on_progress();
}

void Coordinator::on_cluster_subscribed() {
    is_cluster_subscribed_ = true;
    if (succession_) {
        --succession_->missing;
        return note_attention();
    }
    on_progress();
}

void Coordinator::on_subscribed(std::string_view app_id, std::string_view name) {
    const auto app = app_ids_.find(app_id);
    FollowedChannel* channel = app ? find({*app, name}) : nullptr;
    if (channel == nullptr || std::exchange(channel->is_subscribed, true)) return;
    if (succession_) {
        --succession_->missing;
        return note_attention();
    }
    if (membership_.has_lease()) sync(*channel);
}

// ---- one channel

void Coordinator::sync(FollowedChannel& channel) {
    channel.changes.clear();  // the announcement says it all
    if (channel.is_presence || channel.is_cache) {
        const std::uint64_t token = ++last_token_;
        channel.sync_token = token;
        channel.snapshot.reset();
        channel.synced_at.reset();
        channel.is_dirty = false;
        channel.told_subscriptions = channel.subscriptions();
        const ChannelWrite write = write_of(channel);
        channel.was_occupied = false;
        store_.announce(
            write,
            channel.announce_users(doubt_until_.has_value()),
            token,
            [this, key = channel.key, token](Store::Announced announced) {
                on_announced(key, token, std::move(announced));
            }
        );
    } else {
        replay(channel, std::exchange(channel.held_back, {}));
        mark_dirty(channel);
        set_synced(channel);
    }
    if (!channel.is_fetching_event()) admit_waiting(channel);
    on_progress();
}

void Coordinator::on_announced(const Key& key, std::uint64_t token, Store::Announced announced) {
    FollowedChannel* channel = find(key);
    if (channel == nullptr || channel->sync_token != token) return;
    if (announced.is_fenced) return membership_.on_fenced();
    channel->snapshot = std::move(announced.snapshot);
    finish_sync(*channel);
}

/// Once both are there: the state, and the place in the stream that it belongs to.
void Coordinator::finish_sync(FollowedChannel& channel) {
    if (!channel.snapshot || !channel.synced_at) return;
    auto before = std::exchange(channel.held_back, {});
    const auto synced_at = before.begin() + static_cast<std::ptrdiff_t>(*channel.synced_at);
    const std::vector<std::string> after(synced_at, before.end());
    before.erase(synced_at, before.end());
    replay(channel, before);  // the snapshot knows of the rest
    apply(channel, *std::exchange(channel.snapshot, std::nullopt));
    channel.synced_at.reset();
    channel.sync_token = 0;
    admit_waiting(channel);
    for (const std::string& bytes : after) {
        if (const auto message = decode(bytes)) handle(channel, *message);
    }
    set_synced(channel);
    on_progress();
}

void Coordinator::apply(FollowedChannel& channel, const Snapshot& snapshot) {
    channel.forget_cached();
    if (snapshot.cached) {
        channel.keep(snapshot.cached->event, snapshot.cached->time_left, surroundings_.now());
    }
    Roster current;
    for (const Snapshot::User& user : snapshot.users) {
        for (const NodeId& node : user.nodes) {
            const Holder holder = holder_of(node);
            // What a former incarnation of this node has left is as good as buried.
            if (holder == self && node != membership_.lease().node) continue;
            current.join(holder, user.member);
            member_joins(channel, holder, user.member);
        }
    }
    // In doubt, Redis may have forgotten what another node holds; what this one holds it was just
    // told.
    const bool is_in_doubt = doubt_until_.has_value();
    const auto gone = channel.roster.find([&](const Roster::Holding& holding) {
        if (is_in_doubt && holding.holder != self) return false;
        return !current.holds(holding.holder, holding.user_id);
    });
    for (const auto& [user_id, holder] : gone) member_leaves(channel, holder, user_id);
    for (const auto& [id, user] : channel.users) {
        if (user.is_announced && current.holds(self, id)) confirm_user(channel, id, user.op);
    }
}

void Coordinator::on_message(
    std::string_view app_id, std::string_view name, std::string_view bytes
) {
    const auto app = app_ids_.find(app_id);
    FollowedChannel* channel = app ? find({*app, name}) : nullptr;
    if (channel == nullptr || !channel->is_subscribed) return;
    const auto message = decode(bytes);
    if (!message) {
        log_.debug("cluster: message ignored reason=malformed channel={}", name);
        return;
    }
    if (channel->sync_token == 0 && !is_holding_back_) return handle(*channel, *message);
    const auto* sync = std::get_if<SyncMessage>(&*message);
    if (sync != nullptr && sync->node == membership_.lease().node &&
        sync->token == channel->sync_token) {
        channel->synced_at = channel->held_back.size();
        finish_sync(*channel);
    } else {
        channel->held_back.emplace_back(bytes);
    }
}

void Coordinator::handle(FollowedChannel& channel, const Message& message) {
    if (const auto* event = std::get_if<EventMessage>(&message)) {
        const bool is_new = event->origin == options_.name
                                ? outbox_.on_return(event->seq)
                                : channel.heard.is_news(event->origin, event->seq);
        keep(channel, *event);
        if (is_new) deliver_event(channel, *event);
    } else if (const auto* join = std::get_if<JoinMessage>(&message)) {
        const Holder holder = holder_of(join->node);
        Except changer;
        if (holder == self) changer = channel.changer(join->op);
        member_joins(channel, holder, join->member, changer);
        if (holder == self) confirm_user(channel, join->member.user_id, join->op);
    } else if (const auto* leave = std::get_if<LeaveMessage>(&message)) {
        const Holder holder = holder_of(leave->node);
        Except changer;
        if (holder == self) changer = channel.changer(leave->op);
        member_leaves(channel, holder, leave->user_id, changer);
    } else if (const auto* counted = std::get_if<CountMessage>(&message)) {
        channel.count = counted->count;
        note_count(channel);
    } else if (const auto* gone = std::get_if<GoneMessage>(&message)) {
        const Holder holder = holder_of(gone->node);
        if (holder == self) return membership_.beat();
        for (const auto& holding : channel.roster.find([holder](const Roster::Holding& holding) {
                 return holding.holder == holder;
             })) {
            member_leaves(channel, holder, holding.user_id);
        }
    }
}

// ---- all channels

void Coordinator::set_synced(FollowedChannel& channel) {
    if (std::exchange(channel.is_unsynced, false)) --unsynced_;
}

void Coordinator::on_progress() {
    if (is_synced_ || unsynced_ != 0 || !is_cluster_subscribed_ || !membership_.has_lease()) return;
    is_synced_ = true;
    wait_for_peers_until_ = surroundings_.now() + options_.lease;
    membership_.bury_former();
    remove_leftovers();
    membership_.beat();  // so that the others know
    store_.publish_cluster(encode(RollCallMessage{options_.name}), nullptr);
}

/// Redis may have kept something of a channel that has been left while it was away.
void Coordinator::remove_leftovers() {
    store_.holdings(membership_.lease().node, [this](const auto& holdings) {
        for (const auto& [app_id, name] : holdings) {
            const auto app = app_ids_.find(app_id);
            if (app && find({*app, name}) != nullptr) continue;
            ChannelWrite write;
            write.channel = {app_id, name};
            write.lease = membership_.lease();
            if (app) write.recording = recording_of({*app, name});
            store_.announce(write, {}, 0, nullptr);
        }
    });
}

void Coordinator::on_nodes() {
    forget_dead_counts();
    add_up_counts();
    open_if_ready();
    if (!is_open_) return;
    peers_.clear();
    for (const NodeEntry& entry : membership_.nodes()) {
        if (entry.node.name != options_.name) peers_.push_back(entry.node.name);
    }
}

/// Nothing is sent before the others listen again, or had time to.
void Coordinator::open_if_ready() {
    if (is_open_ || !is_synced_) return;
    const auto& nodes = membership_.nodes();
    const bool are_all_back = std::ranges::all_of(peers_, [&](const std::string& peer) {
        return std::ranges::any_of(nodes, [&](const NodeEntry& entry) {
            return entry.node.name == peer && !entry.info.is_syncing &&
                   membership_.has_beaten(entry);
        });
    });
    if (!are_all_back && surroundings_.now() < *wait_for_peers_until_) return;
    is_open_ = true;
    wait_for_peers_until_.reset();
    outbox_.for_each_untaken([this](const Outbox::Entry& entry) { send(entry); });
    log_.info("cluster: joined node={} nodes={}", membership_.lease().node.text(), nodes.size());
}

NodeInfo Coordinator::describe_node() {
    NodeInfo info;
    info.is_syncing = !is_synced_;
    info.channels = channels_.size();
    info.queued_bytes = outbox_.bytes();
    info.lag_us = lag_us_;
    info.version = options_.version;
    info.address = options_.address;
    for (AppIndex app = 0; app < app_ids_.size(); ++app) {
        info.connections.emplace_back(app_ids_[app], surroundings_.open_connections(app));
    }
    return info;
}

const char* Coordinator::trouble() const {
    if (is_open_) return "";
    if (!is_up_) return "redis_away";
    return is_synced_ ? "waiting_for_nodes" : "syncing";
}

}  // namespace fanfare::cluster
