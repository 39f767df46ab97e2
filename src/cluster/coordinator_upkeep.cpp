// SPDX-License-Identifier: MIT
// What the coordinator does again and again: tell Redis of changes, keep counts, forget channels.
#include "coordinator.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

namespace {

std::uint64_t microseconds(Clock::TimePoint time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count()
    );
}

}  // namespace

void Coordinator::mark_dirty(FollowedChannel& channel) {
    if (!is_up_ || std::exchange(channel.is_dirty, true)) return;
    if (dirty_.empty()) surroundings_.request_flush();
    dirty_.push_back(channel.key);
}

void Coordinator::flush() {
    for (const Key& key : std::exchange(dirty_, {})) {
        FollowedChannel* channel = find(key);
        if (channel != nullptr && std::exchange(channel->is_dirty, false)) flush(*channel);
    }
}

void Coordinator::flush(FollowedChannel& channel) {
    if (!is_live(channel)) return;
    const std::uint64_t subscriptions = channel.subscriptions();
    if (channel.changes.empty() && channel.told_subscriptions == subscriptions) return;
    channel.told_subscriptions = subscriptions;
    const auto changes = std::exchange(channel.changes, {});
    const ChannelWrite write = write_of(channel);
    channel.was_occupied = false;
    store_
        .update(write, changes, [this, key = channel.key, changes](const Store::Updated& updated) {
            on_updated(key, changes, updated);
        });
}

void Coordinator::on_updated(
    const Key& key, const std::vector<UserChange>& changes, const Store::Updated& updated
) {
    if (updated.is_fenced) return membership_.on_fenced();
    FollowedChannel* channel = find(key);
    if (channel == nullptr) return;
    for (std::size_t i = 0; i < changes.size() && i < updated.results.size(); ++i) {
        const UserChange& change = changes[i];
        if (!change.is_join) continue;
        if (updated.results[i] == Store::UserResult::full) {
            refuse_user(*channel, change);
        } else if (updated.results[i] == Store::UserResult::unchanged) {
            member_joins(*channel, self, change.member);
            confirm_user(*channel, change.member.user_id, change.op);
        }
    }
}

void Coordinator::tick() {
    if (succession_) return;
    const Clock::TimePoint now = surroundings_.now();
    queries_.give_up_on_late(now);
    membership_.tick(now, is_up_ && !is_open_);
    if (doubt_until_ && is_synced_ && now >= *doubt_until_) {
        // By now every node that lives has announced what it holds.
        doubt_until_.reset();
        for (auto& [key, channel] : channels_) {
            if (channel->is_presence && is_live(*channel)) sync(*channel);
        }
    }
    open_if_ready();
    tell_counts();
    for (const Key& key : counts_.take_due(now)) {
        if (const FollowedChannel* channel = find(key)) tell_count(*channel);
    }
    read_records();
    drop_idle_channels();
}

void Coordinator::note_if_idle(FollowedChannel& channel) {
    if (!channel.is_idle()) return;
    channel.idle_since = surroundings_.now();
    idle_.emplace_back(*channel.idle_since, channel.key);
}

void Coordinator::drop_idle_channels() {
    const Clock::TimePoint now = surroundings_.now();
    while (!idle_.empty() && now - idle_.front().first >= options_.linger) {
        const auto [since, key] = std::move(idle_.front());
        idle_.pop_front();
        FollowedChannel* channel = find(key);
        if (channel == nullptr || channel->idle_since != since) continue;  // busy again, or gone
        if (channel->is_dirty || channel->is_unsynced || channel->sync_token != 0) {
            note_if_idle(*channel);
            continue;
        }
        if (is_up_) store_.unsubscribe(name_of(key));
        outbox_.forget(key);
        channels_.erase(key);
    }
}

void Coordinator::tell_counts() {
    if (!membership_.has_lease() || !is_cluster_subscribed_) return;
    const auto now = surroundings_.now();
    const bool is_due = now - last_echo_ >= options_.lease / 5;
    bool has_changed = false;
    for (AppIndex app = 0; app < told_counts_.size(); ++app) {
        const std::uint32_t open = surroundings_.open_connections(app);
        if (std::exchange(told_counts_[app], open) != open) has_changed = true;
    }
    if (!has_changed && !is_due) return;
    CountsMessage message{options_.name, {}};
    for (AppIndex app = 0; app < told_counts_.size(); ++app) {
        // Who is not named has none: of thousands of apps, few have clients on a node.
        if (!is_served_[app] || told_counts_[app] == 0) continue;
        message.connections.emplace_back(app_ids_[app], told_counts_[app]);
    }
    store_.publish_cluster(encode(message), nullptr);
    if (!is_due) return;
    last_echo_ = now;
    if (!unanswered_since_) unanswered_since_ = now;
    store_.publish_cluster(encode(EchoMessage{options_.name, microseconds(now)}), nullptr);
}

void Coordinator::on_cluster_message(std::string_view bytes) {
    if (succession_) {
        succession_->heard.emplace_back(bytes);
        return;
    }
    const auto message = decode(bytes);
    if (!message) return;
    if (const auto* counts = std::get_if<CountsMessage>(&*message)) {
        on_counts(*counts);
    } else if (const auto* terminate = std::get_if<TerminateMessage>(&*message)) {
        const auto app = app_ids_.find(terminate->app_id);
        if (!app || terminate->origin == options_.name) return;
        if (!heard_.is_news(terminate->origin, terminate->seq)) return;
        terminate_here(*app, terminate->user_id);
    } else if (std::holds_alternative<RollCallMessage>(*message)) {
        membership_.beat();
    } else if (const auto* echo = std::get_if<EchoMessage>(&*message)) {
        if (echo->node != options_.name) return;
        unanswered_since_.reset();
        lag_us_ = static_cast<std::int64_t>(microseconds(surroundings_.now()) - echo->sent_us);
    }
}

void Coordinator::on_counts(const CountsMessage& counts) {
    if (counts.node == options_.name) return;
    // A node that has just come is known at once, should Redis go in the next moment.
    if (!counts_elsewhere_.contains(counts.node)) membership_.beat();
    auto& known = counts_elsewhere_[counts.node];
    known.assign(app_ids_.size(), 0);
    for (const auto& [app_id, count] : counts.connections) {
        if (const auto app = app_ids_.find(app_id)) known[*app] = count;
        if (!find_served(app_id)) surroundings_.look_for_app(app_id);
    }
    add_up_counts();
}

void Coordinator::forget_dead_counts() {
    const auto& nodes = membership_.nodes();
    std::erase_if(counts_elsewhere_, [&](const auto& entry) {
        return std::ranges::none_of(nodes, [&](const NodeEntry& node) {
            return node.node.name == entry.first;
        });
    });
}

void Coordinator::add_up_counts() {
    for (AppIndex app = 0; app < app_ids_.size(); ++app) {
        std::uint32_t sum = 0;
        for (const auto& [name, counts] : counts_elsewhere_) sum += counts[app];
        surroundings_.set_connections_elsewhere(app, sum);
    }
}

std::chrono::microseconds Coordinator::lag() const {
    const std::chrono::microseconds measured(lag_us_);
    if (!unanswered_since_) return measured;
    const auto waited = surroundings_.now() - *unanswered_since_;
    return std::max(measured, std::chrono::duration_cast<std::chrono::microseconds>(waited));
}

/// The same number for a node in all channels; whatever incarnation, this one is `self`.
Holder Coordinator::holder_of(const NodeId& node) {
    if (node.name == options_.name) return self;
    const std::string text = node.text();
    const auto found = std::ranges::find(holders_, text);
    if (found != holders_.end()) return static_cast<Holder>(found - holders_.begin());
    holders_.push_back(text);
    return static_cast<Holder>(holders_.size() - 1);
}

void Coordinator::withdraw(std::function<void()> done) {
    flush();
    if (!membership_.has_lease()) return done();
    store_.bury(membership_.lease().node, recorded_apps(), std::move(done));
}

}  // namespace fanfare::cluster
