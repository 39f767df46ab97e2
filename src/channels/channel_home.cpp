// SPDX-License-Identifier: MIT
#include "fanfare/channels/channel_home.hpp"

#include "fanfare/protocol/frames.hpp"

#include <algorithm>

namespace fanfare::channels {

namespace {

auto find_shard(auto& shards, unsigned shard) {
    return std::ranges::find(shards, shard, [](const auto& entry) { return entry.first; });
}

}  // namespace

ChannelStats ChannelHome::State::stats() const {
    ChannelStats result;
    for (const auto& [shard, count] : shards) result.subscriptions += count;
    if (presence) result.users = presence->size();
    return result;
}

void ChannelHome::State::add_connection(unsigned shard) {
    const auto entry = find_shard(shards, shard);
    if (entry != shards.end()) {
        ++entry->second;
    } else {
        shards.emplace_back(shard, 1);
    }
}

bool ChannelHome::has_room(const State& state, const Join& join) {
    const Presence* presence = state.presence.get();
    if (!join.member || join.max_members == 0 || presence == nullptr) return true;
    if (presence->has(join.member->user_id)) return true;
    const bool is_replaced =
        join.former_user_id && presence->connections(*join.former_user_id) == 1;
    return presence->size() - (is_replaced ? 1 : 0) < join.max_members;
}

ChannelHome::JoinOutcome ChannelHome::join(const Join& join) {
    auto found = channels_.find(ChannelRef(join.channel));
    JoinOutcome outcome;
    if (found != channels_.end() && !has_room(found->second, join)) {
        outcome.result = JoinResult::channel_full;
        return outcome;
    }
    outcome.is_first = found == channels_.end();
    if (outcome.is_first) found = channels_.try_emplace(join.channel).first;
    State& state = found->second;
    if (join.former_user_id) {
        outcome.farewell = leave_presence(state, join.channel.name, *join.former_user_id);
    } else {
        state.add_connection(join.shard);
    }
    if (join.member) {
        if (!state.presence) state.presence = std::make_unique<Presence>();
        if (state.presence->join(*join.member) == Presence::Change::added) {
            state.confirmation.reset();
            outcome.announcement.emplace(
                protocol::frames::member_added(join.channel.name, join.member->channel_data_json)
            );
        }
    }
    outcome.confirmation = confirm(join.channel);
    return outcome;
}

std::vector<PassedMembers> ChannelHome::pass() const {
    std::vector<PassedMembers> passed;
    for (const auto& [channel, state] : channels_) {
        if (state.presence) passed.push_back({channel, state.presence->members()});
    }
    return passed;
}

void ChannelHome::take_over(ChannelRef channel, unsigned shard, const Member* member) {
    auto found = channels_.find(channel);
    if (found == channels_.end()) found = channels_.try_emplace(ChannelKey(channel)).first;
    State& state = found->second;
    state.add_connection(shard);
    if (member == nullptr) return;
    if (!state.presence) state.presence = std::make_unique<Presence>();
    state.presence->join(*member);
    state.confirmation.reset();
}

EncodedFrame ChannelHome::confirm(ChannelRef channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end() || !found->second.presence) {
        return EncodedFrame(protocol::frames::subscription_succeeded(channel.name));
    }
    State& state = found->second;
    // Kept: writing all members down costs much more than asking for it again and again.
    if (!state.confirmation) {
        state.confirmation.emplace(protocol::frames::presence_subscription_succeeded(
            channel.name, state.presence->to_json()
        ));
    }
    return *state.confirmation;
}

std::optional<ChannelHome::LeaveOutcome> ChannelHome::leave(
    ChannelRef channel, unsigned shard, std::string_view user_id
) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return std::nullopt;
    State& state = found->second;
    const auto entry = find_shard(state.shards, shard);
    if (entry == state.shards.end()) return std::nullopt;
    if (--entry->second == 0) state.shards.erase(entry);

    LeaveOutcome outcome{leave_presence(state, channel.name, user_id), state.shards.empty()};
    if (outcome.is_last) channels_.erase(found);
    return outcome;
}

std::optional<EncodedFrame> ChannelHome::leave_presence(
    State& state, std::string_view channel, std::string_view user_id
) {
    if (!state.presence) return std::nullopt;
    const std::string* id_json = state.presence->user_id_json(user_id);
    if (id_json == nullptr) return std::nullopt;
    const std::string farewell = protocol::frames::member_removed(channel, *id_json);
    if (state.presence->leave(user_id) != Presence::Change::removed) return std::nullopt;
    state.confirmation.reset();
    return EncodedFrame(farewell);
}

ChannelStats ChannelHome::stats(ChannelRef channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? ChannelStats{} : found->second.stats();
}

std::vector<std::string> ChannelHome::user_ids(ChannelRef channel) const {
    const auto found = channels_.find(channel);
    if (found == channels_.end() || !found->second.presence) return {};
    return found->second.presence->user_ids();
}

ChannelHome::Listing ChannelHome::list(AppIndex app, std::string_view prefix) const {
    Listing listing;
    for (const auto& [key, state] : channels_) {
        if (key.app == app && key.name.starts_with(prefix)) {
            listing.emplace_back(key.name, state.stats());
        }
    }
    return listing;
}

}  // namespace fanfare::channels
