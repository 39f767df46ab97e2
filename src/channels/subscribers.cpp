// SPDX-License-Identifier: MIT
#include "fanfare/channels/subscribers.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::channels {

void Subscribers::add(
    Subscriber& subscriber, ChannelRef channel, std::unique_ptr<MemberIdentity> identity
) {
    auto found = channels_.find(channel);
    if (found == channels_.end()) {
        found = channels_.emplace(ChannelKey(channel), nullptr).first;
        found->second = std::make_unique<Channel>(found->first);
    }
    Channel& target = *found->second;
    const auto index = static_cast<std::uint32_t>(subscriber.subscriptions_.size());
    const auto position = static_cast<std::uint32_t>(target.entries.size());
    target.entries.push_back({&subscriber, index});
    add_user(subscriber, identity.get());
    subscriber.subscriptions_.push_back({&target, position, false, std::move(identity)});
}

void Subscribers::remove(Subscriber& subscriber, std::size_t index) {
    auto& subscriptions = subscriber.subscriptions_;
    Channel& channel = *subscriptions[index].channel;
    remove_user(subscriber, subscriptions[index].identity.get());
    const std::uint32_t position = subscriptions[index].position;

    Entry& hole = channel.entries[position];
    hole = channel.entries.back();
    hole.subscriber->subscriptions_[hole.subscription].position = position;
    channel.entries.pop_back();
    if (channel.entries.empty()) channels_.erase(channels_.find(ChannelRef(channel.key)));

    if (index + 1 != subscriptions.size()) {
        subscriptions[index] = std::move(subscriptions.back());
        const auto& moved = subscriptions[index];
        moved.channel->entries[moved.position].subscription = static_cast<std::uint32_t>(index);
    }
    subscriptions.pop_back();
}

void Subscribers::change_identity(
    Subscriber& subscriber, std::size_t index, std::unique_ptr<MemberIdentity> identity
) {
    auto& present = subscriber.subscriptions_[index].identity;
    remove_user(subscriber, present.get());
    add_user(subscriber, identity.get());
    present = std::move(identity);
}

void Subscribers::add_user(Subscriber& subscriber, const MemberIdentity* identity) {
    if (identity == nullptr) return;
    users_[ChannelKey(subscriber.app_, identity->user_id)].push_back(&subscriber);
}

void Subscribers::remove_user(Subscriber& subscriber, const MemberIdentity* identity) {
    if (identity == nullptr) return;
    const auto user = users_.find(ChannelRef{subscriber.app_, identity->user_id});
    auto& connections = user->second;
    *std::ranges::find(connections, &subscriber) = connections.back();
    connections.pop_back();
    if (connections.empty()) users_.erase(user);
}

std::span<Subscriber* const> Subscribers::find_user(AppIndex app, std::string_view user_id) const {
    const auto user = users_.find(ChannelRef{app, user_id});
    if (user == users_.end()) return {};
    return user->second;
}

std::size_t Subscribers::deliver(
    ChannelRef channel, const BufferPtr& message, std::optional<protocol::SocketId> except
) const {
    const Channel* target = find(channel);
    if (target == nullptr) return 0;
    std::size_t skipped = 0;
    for (const Entry& entry : target->entries) {
        if (except && entry.subscriber->socket_id() == *except) {
            ++skipped;
        } else {
            entry.subscriber->deliver(message);
        }
    }
    return target->entries.size() - skipped;
}

const Subscribers::Channel* Subscribers::find(ChannelRef channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? nullptr : found->second.get();
}

}  // namespace fanfare::channels
