// SPDX-License-Identifier: MIT
#include "coordinator.hpp"

#include "fanfare/protocol/frames.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

namespace frames = protocol::frames;
using channels::Hub;
using channels::JoinRequest;
using channels::JoinResult;
using channels::Publication;

Coordinator::Coordinator(
    CoordinatorOptions options, Store& store, Surroundings& surroundings, spdlog::logger& log
)
    : options_(std::move(options)),
      store_(store),
      surroundings_(surroundings),
      log_(log),
      membership_(store, options_.name, options_.lease, log, *this),
      outbox_(options_.max_queued_bytes),
      holders_{options_.name},
      buckets_(store.buckets()) {}

ChannelName Coordinator::name_of(Ref channel) const {
    return {app_ids_[channel.app], channel.name};
}

void Coordinator::add_app(AppIndex app, const std::string& id) {
    if (app_ids_.add(app, id)) {
        is_served_.push_back(false);
        told_counts_.push_back(0);
        for (auto& [node, counts] : counts_elsewhere_) counts.push_back(0);
    }
    if (is_served_[app]) return;
    is_served_[app] = true;
    tell_strangers(app);
}

void Coordinator::remove_app(AppIndex app) {
    is_served_[app] = false;
}

std::optional<AppIndex> Coordinator::find_served(std::string_view app_id) const {
    const auto app = app_ids_.find(app_id);
    return app && is_served_[*app] ? app : std::nullopt;
}

FollowedChannel* Coordinator::find(Ref channel) {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? nullptr : found->second.get();
}

FollowedChannel& Coordinator::follow(const Key& key) {
    auto& place = channels_[key];
    if (!place) {
        place = std::make_unique<FollowedChannel>(key);
        if (is_up_) store_.subscribe(name_of(key));
    }
    place->idle_since.reset();
    return *place;
}

// ---- joins and leaves

void Coordinator::join(JoinRequest request) {
    FollowedChannel& channel = follow(request.join.channel);
    const bool is_confident = is_live(channel) || (request.is_again && !is_holding_back_);
    if (is_up_ && (channel.is_fetching_event() || !is_confident)) {
        channel.waiting.push_back(std::move(request));
    } else {
        admit(channel, std::move(request));
    }
}

/// The channel is followed; or Redis is away and this node decides alone.
void Coordinator::admit(FollowedChannel& channel, JoinRequest request) {
    if (request.is_again) return answer(channel, request);
    if (!request.join.member) return enter(channel, request, false);
    const channels::Member member = *request.join.member;
    if (const auto known = channel.users.find(member.user_id); known != channel.users.end()) {
        ++known->second.connections;
        if (known->second.is_member) return enter(channel, request, false);
        channel.pending.push_back({known->second.op, std::move(request), std::nullopt});
        return;
    }
    const std::uint64_t op = ++last_op_;
    const std::size_t max_members = request.join.max_members;
    auto former = take_former(channel, request.join);
    const std::string former_user_id = former ? former->member.user_id : std::string();
    channel.users.emplace(member.user_id, FollowedChannel::LocalUser{member, 1, op, false});
    channel.pending.push_back({op, std::move(request), std::move(former)});
    UserChange change{op, true, member, max_members, former_user_id};
    if (is_up_) {
        channel.changes.push_back(std::move(change));
        mark_dirty(channel);
    } else if (!has_room(channel, change)) {
        refuse_user(channel, change);
    } else {
        const Except changer = channel.changer(op);
        if (changer) member_leaves(channel, self, former_user_id, changer);
        member_joins(channel, self, member, changer);
        confirm_user(channel, member.user_id, op);
    }
}

/// The user that the connection has been so far, if nobody else on this node is.
std::optional<FollowedChannel::LocalUser> Coordinator::take_former(
    FollowedChannel& channel, const channels::ChannelHome::Join& join
) {
    if (!join.former_user_id) return std::nullopt;
    const auto former = channel.users.find(*join.former_user_id);
    if (former == channel.users.end() || former->second.connections != 1) return std::nullopt;
    auto taken = std::move(former->second);
    channel.users.erase(former);
    return taken;
}

/// In this node's own eyes.
bool Coordinator::has_room(const FollowedChannel& channel, const UserChange& change) {
    const channels::Presence& presence = channel.roster.presence();
    if (change.max_members == 0 || presence.has(change.member.user_id)) return true;
    const bool is_replaced = channel.roster.holds_alone(self, change.former_user_id);
    return presence.size() - (is_replaced ? 1 : 0) < change.max_members;
}

void Coordinator::enter(FollowedChannel& channel, const JoinRequest& request, bool has_replaced) {
    if (!request.join.former_user_id) {
        channel.add_subscription(request.join.shard);
    } else if (!has_replaced) {
        remove_user(channel, *request.join.former_user_id);
    }
    mark_dirty(channel);
    answer(channel, request);
}

void Coordinator::answer(FollowedChannel& channel, const JoinRequest& request) {
    channels::ChannelHome::JoinOutcome outcome;
    outcome.confirmation = channel.confirmation();
    if (channel.is_cache) {
        const auto cached = channel.cached(surroundings_.now());
        outcome.replay =
            cached ? cached->event : EncodedFrame(frames::cache_miss(channel.key.name));
        if (!cached) report({channels::Happening::Kind::cache_miss, channel.key});
    }
    surroundings_.post(request.join.shard, [request, outcome](Hub& hub) {
        hub.finish_join(request, outcome);
    });
}

void Coordinator::refuse(const JoinRequest& request) {
    channels::ChannelHome::JoinOutcome outcome;
    outcome.result = JoinResult::channel_full;
    surroundings_.post(request.join.shard, [request, outcome](Hub& hub) {
        hub.finish_join(request, outcome);
    });
}

/// The cluster knows the user who joined by `op`.
void Coordinator::confirm_user(
    FollowedChannel& channel, const std::string& user_id, std::uint64_t op
) {
    const auto user = channel.users.find(user_id);
    if (user == channel.users.end() || user->second.op != op) return;
    user->second.is_member = true;
    std::vector<FollowedChannel::Pending> confirmed;
    std::erase_if(channel.pending, [&](auto& pending) {
        if (pending.op != op) return false;
        confirmed.push_back(std::move(pending));
        return true;
    });
    for (const auto& pending : confirmed) {
        enter(channel, pending.request, pending.former.has_value());
    }
}

void Coordinator::refuse_user(FollowedChannel& channel, const UserChange& change) {
    const auto user = channel.users.find(change.member.user_id);
    if (user == channel.users.end() || user->second.op != change.op) return;
    if (user->second.is_announced) return;
    channel.users.erase(user);
    std::vector<FollowedChannel::LocalUser> restored;
    std::erase_if(channel.pending, [&](auto& pending) {
        if (pending.op != change.op) return false;
        if (pending.former) restored.push_back(std::move(*pending.former));
        refuse(pending.request);
        return true;
    });
    for (FollowedChannel::LocalUser& former : restored) {
        const std::string id = former.member.user_id;
        const auto [place, is_alone] = channel.users.try_emplace(id, former);
        if (is_alone) continue;
        // Somebody else of this node wants to be that user meanwhile: it never went.
        place->second.connections += former.connections;
        confirm_user(channel, id, place->second.op);
    }
    note_if_idle(channel);
}

void Coordinator::leave(unsigned shard, const Key& key, const std::string& user_id) {
    FollowedChannel* channel = find(key);
    if (channel == nullptr || !channel->remove_subscription(shard)) return;
    mark_dirty(*channel);
    if (channel->is_presence) remove_user(*channel, user_id);
    note_if_idle(*channel);
}

/// One connection of the user less.
void Coordinator::remove_user(FollowedChannel& channel, const std::string& user_id) {
    const auto user = channel.users.find(user_id);
    if (user == channel.users.end() || --user->second.connections != 0) return;
    channel.users.erase(user);
    if (is_live(channel)) {
        channels::Member leaver;
        leaver.user_id = user_id;
        channel.changes.push_back({++last_op_, false, std::move(leaver)});
    } else {
        member_leaves(channel, self, user_id);
    }
}

// ---- events

void Coordinator::publish(std::vector<Publication> publications, Published done) {
    std::size_t bytes = 0;
    for (const Publication& publication : publications) bytes += publication.frame.text().size();
    if (!outbox_.has_room(bytes)) {
        if (done) done(false);
        return;
    }
    const auto missing = std::make_shared<std::size_t>(publications.size());
    for (Publication& publication : publications) {
        const FollowedChannel* channel = find(publication.channel);
        Outbox::Entry entry;
        entry.channel = std::move(publication.channel);
        entry.message = encode(EventMessage{
            options_.name,
            outbox_.next_seq(),
            publication.except,
            publication.cache_time,
            publication.frame.text()});
        entry.is_kept = publication.cache_time.has_value();
        // Not followed: nobody here waits for it, and it will not come back.
        entry.is_here = channel == nullptr || (is_open_ && !channel->is_subscribed);
        if (done) {
            entry.on_accepted = [missing, done] {
                if (--*missing == 0) done(true);
            };
        }
        dispatch(std::move(entry));
    }
}

void Coordinator::terminate(AppIndex app, const std::string& user_id) {
    terminate_here(app, user_id);
    Outbox::Entry entry;
    entry.message =
        encode(TerminateMessage{options_.name, outbox_.next_seq(), app_ids_[app], user_id});
    entry.is_here = true;
    dispatch(std::move(entry));
}

void Coordinator::terminate_here(AppIndex app, const std::string& user_id) {
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        surroundings_.post(shard, [app, user_id](Hub& hub) { hub.terminate_here(app, user_id); });
    }
}

void Coordinator::dispatch(Outbox::Entry new_entry) {
    const Outbox::Entry& entry = outbox_.add(std::move(new_entry));
    if (is_open_) {
        send(entry);
    } else {
        outbox_.on_away([this](const Outbox::Entry& e) { deliver_from_outbox(e); });
    }
}

void Coordinator::send(const Outbox::Entry& entry) {
    const auto taken = [this, seq = entry.seq] { outbox_.on_taken(seq); };
    if (entry.is_kept) {
        const auto message = decode(entry.message);
        const auto& event = std::get<EventMessage>(*message);
        store_.publish_and_keep(
            name_of(*entry.channel), entry.message, event.text, *event.cache_time, taken
        );
    } else if (entry.channel) {
        store_.publish(name_of(*entry.channel), entry.message, taken);
    } else {
        store_.publish_cluster(entry.message, taken);
    }
}

void Coordinator::deliver_from_outbox(const Outbox::Entry& entry) {
    FollowedChannel* channel = entry.channel ? find(*entry.channel) : nullptr;
    const auto message = decode(entry.message);
    if (channel == nullptr || !message) return;
    if (const auto* event = std::get_if<EventMessage>(&*message)) {
        keep(*channel, *event);
        deliver_event(*channel, *event);
    }
}

/// If it is for the cache: also what was delivered before, as all nodes keep what Redis had last.
void Coordinator::keep(FollowedChannel& channel, const EventMessage& event) {
    if (!event.cache_time) return;
    const bool expires = *event.cache_time != channels::CacheTime::zero();
    channel.keep(
        EncodedFrame(event.text),
        expires ? std::optional<std::chrono::milliseconds>(*event.cache_time) : std::nullopt,
        surroundings_.now()
    );
}

void Coordinator::deliver(
    const FollowedChannel& channel, const EncodedFrame& frame, Except except
) {
    for (const auto& [shard, count] : channel.shards) {
        surroundings_.post(shard, [key = channel.key, frame, except](Hub& hub) {
            hub.deliver_here(key, frame, except);
        });
    }
}

void Coordinator::deliver_event(const FollowedChannel& channel, const EventMessage& event) {
    for (const auto& [shard, count] : channel.shards) {
        surroundings_.post(
            shard,
            [key = channel.key,
             frame = EncodedFrame(event.text),
             except = event.except,
             now = surroundings_.now()](Hub& hub) { hub.deliver_here(key, frame, except, now); }
        );
    }
}

void Coordinator::member_joins(
    FollowedChannel& channel, Holder holder, const channels::Member& member, Except except
) {
    if (!channel.roster_join(holder, member)) return;
    deliver(
        channel,
        EncodedFrame(frames::member_added(channel.key.name, member.channel_data_json)),
        except
    );
}

void Coordinator::member_leaves(
    FollowedChannel& channel, Holder holder, const std::string& user_id, Except except
) {
    if (const auto user_id_json = channel.roster_leave(holder, user_id)) {
        deliver(
            channel, EncodedFrame(frames::member_removed(channel.key.name, *user_id_json)), except
        );
    }
}

}  // namespace fanfare::cluster
