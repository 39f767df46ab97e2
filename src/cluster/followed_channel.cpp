// SPDX-License-Identifier: MIT
#include "followed_channel.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

namespace frames = protocol::frames;

FollowedChannel::FollowedChannel(channels::ChannelKey channel_key)
    : key(std::move(channel_key)),
      is_presence(protocol::kind_of(key.name).is_presence),
      is_cache(protocol::kind_of(key.name).is_cache) {}

std::uint64_t FollowedChannel::subscriptions() const {
    std::uint64_t sum = 0;
    for (const auto& entry : shards) sum += entry.second;
    return sum;
}

void FollowedChannel::add_subscription(unsigned shard) {
    const auto found = std::ranges::find(shards, shard, [](const auto& e) { return e.first; });
    if (found != shards.end()) {
        ++found->second;
    } else {
        shards.emplace_back(shard, 1);
    }
}

bool FollowedChannel::remove_subscription(unsigned shard) {
    const auto found = std::ranges::find(shards, shard, [](const auto& e) { return e.first; });
    if (found == shards.end()) return false;
    if (--found->second == 0) shards.erase(found);
    return true;
}

void FollowedChannel::remember_what_is_known() {
    if (told_subscriptions) was_occupied = *told_subscriptions != 0;
    for (auto& [id, user] : users) user.was_known = user.is_member;
}

std::vector<UserChange> FollowedChannel::announce_users(bool may_have_forgotten) {
    std::vector<UserChange> announced;
    for (auto& [id, user] : users) {
        user.is_announced = true;
        const bool is_known = std::exchange(user.was_known, false) && may_have_forgotten;
        announced.push_back({user.op, true, user.member, 0, {}, is_known});
    }
    return announced;
}

EncodedFrame FollowedChannel::confirmation() {
    if (!is_presence) return EncodedFrame(frames::subscription_succeeded(key.name));
    if (!confirmation_) {
        confirmation_.emplace(
            frames::presence_subscription_succeeded(key.name, roster.presence().to_json())
        );
    }
    return *confirmation_;
}

void FollowedChannel::keep(
    const EncodedFrame& event,
    std::optional<std::chrono::milliseconds> time_left,
    Clock::TimePoint now
) {
    std::optional<Clock::TimePoint> expires_at;
    if (time_left) expires_at = now + *time_left;
    cached_ = {event, expires_at};
}

std::optional<channels::CachedEvent> FollowedChannel::cached(Clock::TimePoint now) const {
    if (!cached_) return std::nullopt;
    if (!cached_->expires_at) return channels::CachedEvent{cached_->event, std::nullopt};
    if (*cached_->expires_at <= now) return std::nullopt;
    return channels::CachedEvent{
        cached_->event, std::chrono::ceil<std::chrono::milliseconds>(*cached_->expires_at - now)};
}

bool FollowedChannel::roster_join(Holder holder, const channels::Member& member) {
    const bool is_new = roster.join(holder, member);
    if (is_new) confirmation_.reset();
    return is_new;
}

std::optional<std::string> FollowedChannel::roster_leave(
    Holder holder, const std::string& user_id
) {
    auto user_id_json = roster.leave(holder, user_id);
    if (user_id_json) confirmation_.reset();
    return user_id_json;
}

std::optional<protocol::SocketId> FollowedChannel::changer(std::uint64_t op) const {
    const auto found = std::ranges::find(pending, op, &Pending::op);
    if (found == pending.end() || !found->former) return std::nullopt;
    return found->request.subscriber.socket_id;
}

}  // namespace fanfare::cluster
