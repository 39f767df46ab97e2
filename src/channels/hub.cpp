// SPDX-License-Identifier: MIT
#include "fanfare/channels/hub.hpp"

#include <algorithm>

namespace fanfare::channels {

namespace {

/// Null outside presence channels.
std::unique_ptr<MemberIdentity> identity_of(const ChannelHome::Join& request) {
    if (!request.member) return nullptr;
    return std::make_unique<MemberIdentity>(MemberIdentity{
        request.member->user_id, request.member->user_id_json});
}

}  // namespace

/// A join on its way to the home and back. One shard has it at a time.
struct Hub::Joining {
    ChannelHome::Join request;
    SubscriberHandle subscriber;
    bool is_again;
    ChannelHome::JoinOutcome outcome;
};

/// A list of publications on its way past the homes of their channels. One shard has it at a time,
/// which is what keeps the list's order for a subscriber of several of the channels.
struct Hub::Publishing {
    std::vector<Publication> publications;
    std::size_t next;
    unsigned origin;
    std::vector<ChannelStats> stats;
    Published done;
};

/// Runs `work(Hub&)` on the home of `channel`.
template <typename Work>
void Hub::at_home(ChannelRef channel, Work work) {
    const unsigned home = home_of(channel);
    if (home == shard_) {
        work(*this);
    } else {
        links_.post(home, std::move(work));
    }
}

void Hub::attach(Subscriber& subscriber) {
    if (free_slots_.empty()) {
        subscriber.slot_ = static_cast<std::uint32_t>(slots_.size());
        slots_.push_back(&subscriber);
    } else {
        subscriber.slot_ = free_slots_.back();
        free_slots_.pop_back();
        slots_[subscriber.slot_] = &subscriber;
    }
}

void Hub::detach(Subscriber& subscriber) {
    while (!subscriber.subscriptions_.empty()) {
        remove_subscription(subscriber, subscriber.subscriptions_.size() - 1);
    }
    subscriber.subscriptions_.shrink_to_fit();
    slots_[subscriber.slot_] = nullptr;
    free_slots_.push_back(subscriber.slot_);
}

void Hub::join(
    Subscriber& subscriber,
    ChannelRef channel,
    std::optional<Member> member,
    std::size_t max_members
) {
    const Subscriber::Subscription* present = find_subscription(subscriber, channel);
    const bool is_change =
        present != nullptr && member && member->user_id != present->identity->user_id;
    const auto joining = std::make_shared<Joining>(Joining{
        {ChannelKey(channel), shard_, std::move(member), max_members},
        handle_of(subscriber),
        present != nullptr && !is_change,
        {}});
    if (is_change) {
        joining->request.former_user_id = present->identity->user_id;
        subscriber.subscriptions_[index_of(subscriber, channel)].is_changing_user = true;
    }
    at_home(channel, [joining](Hub& home) { home.join_at_home(joining); });
}

void Hub::join_at_home(const std::shared_ptr<Joining>& joining) {
    const ChannelHome::Join& request = joining->request;
    if (joining->is_again) {
        joining->outcome.confirmation = home_.confirm(request.channel);
    } else {
        joining->outcome = home_.join(request);
    }
    // Who changes its user is a subscriber already, but neither leaves nor comes in its own eyes.
    const protocol::SocketId joiner = joining->subscriber.socket_id;
    for (const auto& news : {joining->outcome.farewell, joining->outcome.announcement}) {
        if (news) broadcast(request.channel, *news, joiner);
    }
    if (request.shard == shard_) {
        finish_join(joining);
    } else {
        links_.post(request.shard, [joining](Hub& origin) { origin.finish_join(joining); });
    }
}

void Hub::finish_join(const std::shared_ptr<Joining>& joining) {
    const ChannelHome::Join& request = joining->request;
    const bool joined = joining->outcome.result == JoinResult::joined;
    Subscriber* subscriber = find(joining->subscriber);
    if (subscriber == nullptr) return undo_join(*joining);
    if (request.former_user_id) {
        const std::size_t index = index_of(*subscriber, request.channel);
        subscriber->subscriptions_[index].is_changing_user = false;
        if (joined) subscribers_.change_identity(*subscriber, index, identity_of(request));
    } else if (joined && !joining->is_again) {
        subscribers_.add(*subscriber, request.channel, identity_of(request));
    }
    const auto& confirmation = joining->outcome.confirmation;
    subscriber->on_join_result(
        request.channel.name,
        joining->outcome.result,
        confirmation ? make_buffer(*confirmation) : nullptr
    );
}

/// The subscriber went while its join was under way. If it was in the channel already, it has left
/// as the user it was then, except in the midst of a change, when nobody knew who that was.
void Hub::undo_join(const Joining& joining) {
    const ChannelHome::Join& request = joining.request;
    if (joining.outcome.result != JoinResult::joined) {
        if (request.former_user_id) leave_home(request.channel, *request.former_user_id);
    } else if (!joining.is_again) {
        leave_home(request.channel, request.member ? request.member->user_id : std::string());
    }
}

void Hub::leave(Subscriber& subscriber, ChannelRef channel) {
    const std::size_t index = index_of(subscriber, channel);
    if (index != subscriber.subscriptions_.size()) remove_subscription(subscriber, index);
}

void Hub::remove_subscription(Subscriber& subscriber, std::size_t index) {
    const Subscriber::Subscription& subscription = subscriber.subscriptions_[index];
    const ChannelKey channel = subscription.channel->key;
    const std::string user_id =
        subscription.identity ? subscription.identity->user_id : std::string();
    const bool is_for_undo_join = subscription.is_changing_user;
    subscribers_.remove(subscriber, index);
    if (!is_for_undo_join) leave_home(channel, user_id);
}

void Hub::leave_home(ChannelRef channel, const std::string& user_id) {
    at_home(channel, [key = ChannelKey(channel), user_id, from = shard_](Hub& home) {
        if (const auto farewell = home.home_.leave(key, from, user_id)) {
            home.broadcast(key, *farewell, std::nullopt);
        }
    });
}

const Subscriber::Subscription* Hub::find_subscription(
    const Subscriber& subscriber, ChannelRef channel
) const {
    const std::size_t index = index_of(subscriber, channel);
    const auto& subscriptions = subscriber.subscriptions_;
    return index == subscriptions.size() ? nullptr : &subscriptions[index];
}

/// The place in the subscriber's list; behind its end if it is not in the channel.
std::size_t Hub::index_of(const Subscriber& subscriber, ChannelRef channel) const {
    const auto& subscriptions = subscriber.subscriptions_;
    const Subscribers::Channel* target = subscribers_.find(channel);
    if (target == nullptr) return subscriptions.size();
    const auto found = std::ranges::find(subscriptions, target, &Subscriber::Subscription::channel);
    return static_cast<std::size_t>(found - subscriptions.begin());
}

void Hub::publish(std::vector<Publication> publications, Published done) {
    publish_from(std::make_shared<Publishing>(Publishing{
        std::move(publications), 0, shard_, {}, std::move(done)}));
}

void Hub::publish_from(const std::shared_ptr<Publishing>& publishing) {
    while (publishing->next < publishing->publications.size()) {
        const Publication& publication = publishing->publications[publishing->next];
        const unsigned home = home_of(publication.channel);
        if (home != shard_) {
            links_.post(home, [publishing](Hub& hub) { hub.publish_from(publishing); });
            return;
        }
        broadcast(publication.channel, publication.frame, publication.except);
        if (publishing->done) publishing->stats.push_back(home_.stats(publication.channel));
        ++publishing->next;
    }
    if (!publishing->done) return;
    if (publishing->origin == shard_) {
        publishing->done(std::move(publishing->stats));
    } else {
        links_.post(publishing->origin, [publishing](Hub&) {
            publishing->done(std::move(publishing->stats));
        });
    }
}

void Hub::broadcast(
    ChannelRef channel, const EncodedFrame& frame, std::optional<protocol::SocketId> except
) {
    home_.for_each_shard(channel, [&](unsigned shard) {
        if (shard == shard_) {
            subscribers_.deliver(channel, make_buffer(frame), except);
        } else {
            links_.post(shard, [key = ChannelKey(channel), frame, except](Hub& hub) {
                hub.subscribers_.deliver(key, make_buffer(frame), except);
            });
        }
    });
}

Hub::SubscriberHandle Hub::handle_of(const Subscriber& subscriber) {
    return {subscriber.slot_, subscriber.socket_id_};
}

Subscriber* Hub::find(const SubscriberHandle& handle) const {
    if (handle.slot >= slots_.size()) return nullptr;
    Subscriber* subscriber = slots_[handle.slot];
    const bool is_same = subscriber != nullptr && subscriber->socket_id_ == handle.socket_id;
    return is_same ? subscriber : nullptr;
}

void Hub::terminate(AppIndex app, const std::string& user_id) {
    for (unsigned shard = 0; shard < shards_; ++shard) {
        if (shard == shard_) {
            terminate_here(app, user_id);
        } else {
            links_.post(shard, [app, user_id](Hub& hub) { hub.terminate_here(app, user_id); });
        }
    }
}

void Hub::terminate_here(AppIndex app, std::string_view user_id) {
    // A copy: whom this reaches leaves its channels, and may be in several of them.
    std::vector<SubscriberHandle> connections;
    for (const Subscriber* subscriber : subscribers_.find_user(app, user_id)) {
        connections.push_back(handle_of(*subscriber));
    }
    std::ranges::sort(connections, {}, &SubscriberHandle::slot);
    const auto doubles = std::ranges::unique(connections, {}, &SubscriberHandle::slot);
    connections.erase(doubles.begin(), doubles.end());
    for (const SubscriberHandle& connection : connections) {
        if (Subscriber* subscriber = find(connection)) subscriber->on_terminate();
    }
}

}  // namespace fanfare::channels
