// SPDX-License-Identifier: MIT
#include "fanfare/channels/subscribers.hpp"

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
    subscriber.subscriptions_.push_back({&target, position, false, std::move(identity)});
}

void Subscribers::remove(Subscriber& subscriber, std::size_t index) {
    auto& subscriptions = subscriber.subscriptions_;
    Channel& channel = *subscriptions[index].channel;
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

std::size_t Subscribers::deliver(
    ChannelRef channel, const BufferPtr& message, std::optional<protocol::SocketId> except
) const {
    const Channel* target = find(channel);
    if (target == nullptr) return 0;
    std::size_t delivered = 0;
    for (const Entry& entry : target->entries) {
        if (except && entry.subscriber->socket_id() == *except) continue;
        entry.subscriber->deliver(message);
        ++delivered;
    }
    return delivered;
}

const Subscribers::Channel* Subscribers::find(ChannelRef channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? nullptr : found->second.get();
}

}  // namespace fanfare::channels
