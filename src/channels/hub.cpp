// SPDX-License-Identifier: MIT
#include "fanfare/channels/hub.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"

#include <algorithm>
#include <iterator>

namespace fanfare::channels {

namespace {

/// Null outside presence channels.
std::unique_ptr<MemberIdentity> identity_of(const ChannelHome::Join& request) {
    if (!request.member) return nullptr;
    return std::make_unique<MemberIdentity>(MemberIdentity{
        request.member->user_id, request.member->user_id_json});
}

}  // namespace

/// A list of publications on its way past the homes of their channels. One shard has it at a time,
/// which is what keeps the list's order for a subscriber of several of the channels.
struct Hub::Publishing {
    std::vector<Publication> publications;
    std::size_t next;
    unsigned origin;
    Clock::TimePoint accepted;
    Published done;
};

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
    const auto request = std::make_shared<JoinRequest>(JoinRequest{
        {ChannelKey(channel), shard_, std::move(member), max_members, std::nullopt},
        handle_of(subscriber),
        present != nullptr && !is_change});
    if (is_change) {
        request->join.former_user_id = present->identity->user_id;
        subscriber.subscriptions_[index_of(subscriber, channel)].is_changing_user = true;
    }
    if (cluster_ != nullptr) return cluster_->join(std::move(*request));
    at_home(channel, [request](Hub& home) { home.join_at_home(request); });
}

void Hub::join_at_home(const std::shared_ptr<JoinRequest>& request) {
    const ChannelHome::Join& join = request->join;
    ChannelHome::JoinOutcome outcome;
    if (request->is_again) {
        outcome.confirmation = home_.confirm(join.channel);
    } else {
        outcome = home_.join(join);
    }
    // If every shard keeps the events, those of the subscriber's own shard fit what it has heard.
    if (cluster_ == nullptr && outcome.confirmation &&
        protocol::kind_of(join.channel.name).is_cache) {
        outcome.replay = replay(join.channel);
    }
    // Who changes its user is a subscriber already, but neither leaves nor comes in its own eyes.
    for (const auto& news : {outcome.farewell, outcome.announcement}) {
        if (news) broadcast(join.channel, *news, request->subscriber.socket_id);
    }
    if (join.shard == shard_) {
        finish_join(*request, outcome);
    } else {
        links_.post(join.shard, [request, outcome](Hub& origin) {
            origin.finish_join(*request, outcome);
        });
    }
    if (!request->is_again && outcome.confirmation) note_join(join, outcome);
}

void Hub::finish_join(const JoinRequest& request, const ChannelHome::JoinOutcome& outcome) {
    const ChannelHome::Join& join = request.join;
    const bool joined = outcome.result == JoinResult::joined;
    Subscriber* subscriber = find(request.subscriber);
    if (subscriber == nullptr) return undo_join(request, outcome.result);
    if (join.former_user_id) {
        const std::size_t index = index_of(*subscriber, join.channel);
        subscriber->subscriptions_[index].is_changing_user = false;
        if (joined) subscribers_.change_identity(*subscriber, index, identity_of(join));
    } else if (joined && !request.is_again) {
        subscribers_.add(*subscriber, join.channel, identity_of(join));
    }
    trace(joined ? "subscribed" : "subscribe refused", join.channel, subscriber->socket_id());
    const auto to_buffer = [](const std::optional<EncodedFrame>& frame) {
        return frame ? make_buffer(*frame) : nullptr;
    };
    BufferPtr again = to_buffer(outcome.replay);
    if (joined && !again && protocol::kind_of(join.channel.name).is_cache) {
        again = make_buffer(replay(join.channel));
    }
    subscriber->on_join_result(
        join.channel.name, outcome.result, to_buffer(outcome.confirmation), again
    );
}

/// What somebody who joins a cache channel is shown.
EncodedFrame Hub::replay(ChannelRef channel) {
    if (const auto event = cached(channel)) return event->event;
    note_cache_miss(channel);
    return EncodedFrame(protocol::frames::cache_miss(channel.name));
}

/// The subscriber went while its join was under way. If it was in the channel already, it has left
/// as the user it was then, except in the midst of a change, when nobody knew who that was.
void Hub::undo_join(const JoinRequest& request, JoinResult result) {
    const ChannelHome::Join& join = request.join;
    if (result != JoinResult::joined) {
        if (join.former_user_id) leave_home(join.channel, *join.former_user_id);
    } else if (!request.is_again) {
        leave_home(join.channel, join.member ? join.member->user_id : std::string());
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
    trace("unsubscribed", channel, subscriber.socket_id());
    if (!is_for_undo_join) leave_home(channel, user_id);
}

void Hub::leave_home(ChannelRef channel, const std::string& user_id) {
    if (cluster_ != nullptr) return cluster_->leave(shard_, ChannelKey(channel), user_id);
    at_home(channel, [key = ChannelKey(channel), user_id, from = shard_](Hub& home) {
        home.leave_at_home(key, from, user_id);
    });
}

void Hub::leave_at_home(ChannelRef channel, unsigned shard, const std::string& user_id) {
    const auto outcome = home_.leave(channel, shard, user_id);
    if (!outcome) return;
    if (outcome->farewell) broadcast(channel, *outcome->farewell, std::nullopt);
    note_leave(channel, user_id, *outcome);
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
    count_events(publications);
    if (cluster_ != nullptr) {
        return cluster_->publish(shard_, std::move(publications), std::move(done));
    }
    publish_from(std::make_shared<Publishing>(Publishing{
        std::move(publications), 0, shard_, clock_.now(), std::move(done)}));
}

void Hub::publish_from(const std::shared_ptr<Publishing>& publishing) {
    while (publishing->next < publishing->publications.size()) {
        const Publication& publication = publishing->publications[publishing->next];
        const unsigned home = home_of(publication.channel);
        if (home != shard_) {
            links_.post(home, [publishing](Hub& hub) { hub.publish_from(publishing); });
            return;
        }
        if (publication.cache_time) {
            keep(publication.channel, publication.frame, *publication.cache_time);
        }
        broadcast(publication.channel, publication.frame, publication.except, publishing->accepted);
        ++publishing->next;
    }
    if (!publishing->done) return;
    if (publishing->origin == shard_) {
        publishing->done(true);
    } else {
        links_.post(publishing->origin, [publishing](Hub&) { publishing->done(true); });
    }
}

void Hub::stats(std::vector<ChannelKey> channels, StatsDone done) {
    if (cluster_ != nullptr) return stats_of_cluster(std::move(channels), std::move(done));
    if (channels.empty()) return done({});

    struct Gathering {
        std::vector<ChannelStats> answers;
        std::size_t missing;
        StatsDone done;
    };

    const auto gathering = std::make_shared<Gathering>(Gathering{
        std::vector<ChannelStats>(channels.size()), channels.size(), std::move(done)});
    for (std::size_t i = 0; i < channels.size(); ++i) {
        ask<ChannelStats>(
            home_of(channels[i]),
            [channel = channels[i]](Hub& hub) {
                ChannelStats stats = hub.home().stats(channel);
                stats.cached = hub.cached(channel);
                stats.is_lingering = hub.lingering_.has(channel, {});
                return stats;
            },
            [gathering, i](ChannelStats stats) {
                gathering->answers[i] = std::move(stats);
                if (--gathering->missing == 0) gathering->done(std::move(gathering->answers));
            }
        );
    }
}

/// Completed by what this shard keeps itself.
void Hub::stats_of_cluster(std::vector<ChannelKey> channels, StatsDone done) {
    cluster_->stats(shard_, channels, [this, channels, done](std::vector<ChannelStats> stats) {
        for (std::size_t i = 0; i < stats.size(); ++i) {
            if (!stats[i].cached) stats[i].cached = cached(channels[i]);
        }
        done(std::move(stats));
    });
}

void Hub::user_ids(ChannelKey channel, std::function<void(std::vector<std::string>)> done) {
    if (cluster_ != nullptr) return cluster_->user_ids(shard_, std::move(channel), std::move(done));
    const unsigned home = home_of(channel);
    ask<std::vector<std::string>>(
        home,
        [channel = std::move(channel)](Hub& hub) { return hub.home().user_ids(channel); },
        std::move(done)
    );
}

void Hub::list(AppIndex app, std::string prefix, std::function<void(ChannelHome::Listing)> done) {
    using Listing = ChannelHome::Listing;
    if (cluster_ != nullptr) {
        return cluster_->list(shard_, app, std::move(prefix), std::move(done));
    }
    ask_all<Listing>(
        [app, prefix = std::move(prefix)](Hub& hub) { return hub.home().list(app, prefix); },
        [done = std::move(done)](std::vector<Listing> listings) {
            Listing all;
            for (Listing& listing : listings) std::ranges::move(listing, std::back_inserter(all));
            done(std::move(all));
        }
    );
}

void Hub::connections_elsewhere(
    AppIndex app, const std::function<void(std::optional<std::uint64_t>)>& done
) {
    if (cluster_ != nullptr) return cluster_->connections_elsewhere(shard_, app, done);
    done(std::nullopt);
}

void Hub::broadcast(
    ChannelRef channel,
    const EncodedFrame& frame,
    std::optional<protocol::SocketId> except,
    std::optional<Clock::TimePoint> accepted
) {
    home_.for_each_shard(channel, [&](unsigned shard) {
        if (shard == shard_) {
            deliver_here(channel, frame, except, accepted);
        } else {
            links_.post(shard, [key = ChannelKey(channel), frame, except, accepted](Hub& hub) {
                hub.deliver_here(key, frame, except, accepted);
            });
        }
    });
}

/// Counted here and once, rather than with each delivery.
void Hub::deliver_here(
    ChannelRef channel,
    const EncodedFrame& frame,
    std::optional<protocol::SocketId> except,
    std::optional<Clock::TimePoint> accepted
) {
    trace("broadcasting to", channel, std::nullopt, frame.text());
    const std::size_t deliveries = subscribers_.deliver(channel, make_buffer(frame), except);
    if (counters_ == nullptr || deliveries == 0) return;
    AppActivity& app = counters_->activity().of_app(channel.app);
    app.deliveries.add(deliveries);
    app.messages_sent.add(deliveries);
    app.sent_bytes.add(deliveries * frame.wire().size());
    if (accepted) counters_->activity().fan_out.record(clock_.now() - *accepted);
}

void Hub::count_events(const std::vector<Publication>& publications) {
    if (counters_ == nullptr) return;
    for (const Publication& publication : publications) {
        counters_->activity().of_app(publication.channel.app).events.add();
    }
}

bool Hub::has_subscribers(ChannelRef channel) const {
    return subscribers_.find(channel) != nullptr;
}

SubscriberHandle Hub::handle_of(const Subscriber& subscriber) {
    return {subscriber.slot_, subscriber.socket_id_};
}

Subscriber* Hub::find(const SubscriberHandle& handle) const {
    if (handle.slot >= slots_.size()) return nullptr;
    Subscriber* subscriber = slots_[handle.slot];
    const bool is_same = subscriber != nullptr && subscriber->socket_id_ == handle.socket_id;
    return is_same ? subscriber : nullptr;
}

Subscriber* Hub::find_by_socket_id(protocol::SocketId socket_id) const {
    const auto found = std::ranges::find_if(slots_, [&](const Subscriber* subscriber) {
        return subscriber != nullptr && subscriber->socket_id() == socket_id;
    });
    return found == slots_.end() ? nullptr : *found;
}

void Hub::terminate(AppIndex app, const std::string& user_id) {
    if (cluster_ != nullptr) return cluster_->terminate(app, user_id);
    for (unsigned shard = 0; shard < shards_; ++shard) {
        if (shard == shard_) {
            terminate_here(app, user_id);
        } else {
            links_.post(shard, [app, user_id](Hub& hub) { hub.terminate_here(app, user_id); });
        }
    }
}

void Hub::terminate_here(AppIndex app, std::string_view user_id) {
    std::vector<SubscriberHandle> signed_in;
    if (const auto* channel = subscribers_.find({app, protocol::user_channel(user_id)})) {
        for (const auto& entry : channel->entries)
            signed_in.push_back(handle_of(*entry.subscriber));
    }
    std::vector<SubscriberHandle> members;
    for (const Subscriber* subscriber : subscribers_.find_user(app, user_id)) {
        members.push_back(handle_of(*subscriber));
    }
    terminate_all(std::move(signed_in), UserRole::signed_in);
    terminate_all(std::move(members), UserRole::member);
}

/// By handle: whom this reaches leaves its channels, and may be in several of them.
void Hub::terminate_all(std::vector<SubscriberHandle> connections, UserRole role) {
    std::ranges::sort(connections, {}, &SubscriberHandle::slot);
    const auto is_same = [](const auto& a, const auto& b) { return a.slot == b.slot; };
    connections.erase(
        std::unique(connections.begin(), connections.end(), is_same), connections.end()
    );
    for (const SubscriberHandle& connection : connections) {
        if (Subscriber* subscriber = find(connection)) subscriber->on_terminate(role);
    }
}

}  // namespace fanfare::channels
