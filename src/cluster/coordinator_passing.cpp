// SPDX-License-Identifier: MIT
// How another process becomes this node. It has listened for a while before: what it has held back
// and the other one has not heard is handled as after any announcement.
#include "coordinator.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fanfare::cluster {

// ---- the one that goes

std::vector<channels::ChannelKey> Coordinator::channels_to_attend(bool is_last) {
    if (is_last) membership_.beat();  // so that the lease holds until the other process can
    std::vector<Key> keys;
    for (const auto& [key, channel] : channels_) {
        // The other process must not hear of a channel what this one has not heard.
        if (is_last ? channel->is_passed : !channel->is_subscribed) {
            channel->is_passed = is_last;
            continue;
        }
        channel->is_passed = true;
        keys.push_back(key);
    }
    return keys;
}

bool Coordinator::is_settled() const {
    if (!is_open_ || !is_synced_ || !membership_.has_lease()) return false;
    if (!outbox_.is_empty() || !dirty_.empty()) return false;
    return std::ranges::none_of(channels_, [](const auto& entry) {
        return entry.second->sync_token != 0;
    });
}

std::string Coordinator::pass() const {
    PassedNode node;
    node.lease = membership_.lease();
    node.servers = servers_;
    if (doubt_until_) {
        node.doubt_left = std::chrono::ceil<std::chrono::milliseconds>(
            std::max(*doubt_until_, surroundings_.now()) - surroundings_.now()
        );
    }
    node.last_op = last_op_;
    node.last_token = last_token_;
    node.next_seq = outbox_.next_seq();
    node.heard = heard_.pass();
    for (const auto& [name, counts] : counts_elsewhere_) {
        CountsMessage message{name, {}};
        for (AppIndex app = 0; app < counts.size(); ++app) {
            if (counts[app] != 0) message.connections.emplace_back(app_ids_[app], counts[app]);
        }
        node.counts.push_back(std::move(message));
    }
    for (const Bucket& bucket : buckets_) node.handled.push_back(bucket.handled);
    for (const StrangeRecord& stranger : strangers_) node.strangers.push_back(stranger.record);
    node.owed_counts = counts_.pass();
    for (const auto& [key, channel] : channels_) node.channels.push_back(passed(*channel));
    return encode(node, app_ids_);
}

PassedChannel Coordinator::passed(const FollowedChannel& channel) const {
    PassedChannel passed{
        channel.key,
        {},
        {},
        channel.heard.pass(),
        channel.count,
        channel.told_subscriptions.value_or(0)};
    for (const channels::Member& member : channel.roster.presence().members()) {
        for (const Holder holder : channel.roster.holders(member.user_id)) {
            const auto node =
                holder == self ? membership_.lease().node : NodeId::parse(holders_[holder]).value();
            passed.roster.push_back({node, 0, member});
        }
    }
    for (const auto& [id, user] : channel.users) passed.users.push_back(user.member);
    return passed;
}

// ---- the one that comes

void Coordinator::attend(const std::vector<Key>& channels, std::function<void(bool)> done) {
    if (!succession_) succession_ = std::make_unique<Succession>();
    is_holding_back_ = true;
    for (const Key& key : channels) {
        if (find(key) != nullptr) continue;
        follow(key);
        ++succession_->missing;
    }
    succession_->on_attention = std::move(done);
    note_attention();
}

/// Subscribes to all of it; or the connection is there again, but what was said meanwhile is not.
void Coordinator::attend_on(const std::string& servers) {
    succession_->servers = servers;
    if (succession_->is_interrupted) return;
    store_.subscribe_cluster();
    for (const auto& [key, channel] : channels_) store_.subscribe(name_of(key));
}

void Coordinator::note_attention() {
    if (succession_->missing != 0 && !succession_->is_interrupted) return;
    const auto done = std::exchange(succession_->on_attention, nullptr);
    if (done) done(!succession_->is_interrupted);
}

void Coordinator::take_over(
    const std::string& bytes, const std::vector<PassedSubscription>& subscriptions
) {
    if (!succession_ || succession_->missing != 0 || succession_->is_interrupted) {
        throw std::runtime_error("the new process has lost the connection to Redis");
    }
    PassedNode node = decode_node(bytes, app_ids_);
    if (node.servers != succession_->servers) {
        throw std::runtime_error("the settings lead to another Redis now: that needs a restart");
    }
    options_.name = node.lease.node.name;
    holders_ = {options_.name};
    membership_.take_over(node.lease);
    predecessor_ = node.lease.node;
    servers_ = std::move(node.servers);
    outbox_.take_over(node.next_seq);
    last_op_ = node.last_op;
    last_token_ = node.last_token;
    heard_.take_over(std::move(node.heard));
    for (const CountsMessage& counts : node.counts) {
        on_counts(counts);
        peers_.push_back(counts.node);
    }
    for (std::size_t i = 0; i < std::min(buckets_.size(), node.handled.size()); ++i) {
        buckets_[i].handled = node.handled[i];
    }
    const auto now = surroundings_.now();
    if (node.doubt_left) doubt_until_ = now + *node.doubt_left;
    for (Recorded& record : node.strangers) strangers_.push_back({std::move(record), now});
    for (const Key& key : node.owed_counts) counts_.take_over(key, now);
    for (PassedChannel& passed : node.channels) take_over(std::move(passed));
    for (const PassedSubscription& each : subscriptions) take_over(each);
    for (const auto& [key, channel] : channels_) {
        // Those whose connections have not come along: Redis will hear of it.
        std::erase_if(channel->users, [](const auto& user) {
            return user.second.connections == 0;
        });
    }
}

void Coordinator::take_over(PassedChannel passed) {
    FollowedChannel& channel = follow(passed.key);
    for (const JoinMessage& join : passed.roster) {
        channel.roster_join(holder_of(join.node), join.member);
    }
    for (channels::Member& member : passed.users) {
        FollowedChannel::LocalUser user;
        user.member = std::move(member);
        user.is_member = user.was_known = true;
        const std::string id = user.member.user_id;
        channel.users.emplace(id, std::move(user));
    }
    channel.heard.take_over(std::move(passed.heard));
    channel.count = passed.count;
    channel.told_subscriptions = passed.subscriptions;
}

void Coordinator::take_over(const PassedSubscription& subscription) {
    FollowedChannel& channel = follow(subscription.channel);
    channel.add_subscription(subscription.shard);
    channel.was_occupied = true;
    if (!channel.is_presence) return;
    const auto user = channel.users.find(subscription.user_id);
    if (user == channel.users.end()) {
        throw std::runtime_error("a member is passed whom the node does not know");
    }
    ++user->second.connections;
}

void Coordinator::succeed() {
    const auto succession = std::exchange(succession_, nullptr);
    for (const std::string& bytes : succession->heard) on_cluster_message(bytes);
    for (AppIndex app = 0; app < app_ids_.size(); ++app) {
        if (is_served_[app]) tell_strangers(app);
    }
    for (const auto& [key, channel] : channels_) note_if_idle(*channel);
    if (!succession->is_interrupted) {
        is_cluster_subscribed_ = true;
        is_open_ = true;  // the others listen, and so does this one
        return membership_.on_up(surroundings_.now());
    }
    // Redis went away in the last moment.
    const bool is_up_again = is_up_;
    on_down();
    if (is_up_again) on_up(succession->servers);
}

/// What was said before it was known how it stands: the events, and the last count.
void Coordinator::replay(FollowedChannel& channel, const std::vector<std::string>& messages) {
    std::optional<std::uint64_t> count;
    for (const std::string& bytes : messages) {
        const auto message = decode(bytes);
        if (!message) continue;
        if (const auto* counted = std::get_if<CountMessage>(&*message)) count = counted->count;
        if (std::holds_alternative<EventMessage>(*message)) handle(channel, *message);
    }
    if (!count || *count == channel.count) return;
    channel.count = *count;
    note_count(channel);
}

}  // namespace fanfare::cluster
