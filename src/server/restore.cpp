// SPDX-License-Identifier: MIT
#include "restore.hpp"

#include "fanfare/channels/channel_key.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fanfare::server {

using channels::ChannelKey;
using channels::Member;
using channels::PassedChannels;
using cluster::PassedSubscription;

namespace {

class Restoration {
public:
    Restoration(
        Snapshot& snapshot, std::span<const std::unique_ptr<Shard>> shards, cluster::Bus* bus
    )
        : snapshot_(snapshot), shards_(shards), bus_(bus) {
        for (const auto& [channel, members] : snapshot_.channels.members) {
            auto& of_channel = members_[channel];
            for (const Member& member : members) of_channel[member.user_id] = &member;
        }
    }

    std::size_t run() {
        std::size_t restored = 0;
        for (std::size_t i = 0; i < snapshot_.clients.size(); ++i) {
            const auto shard = static_cast<unsigned>(i % shards_.size());
            if (restore(std::move(snapshot_.clients[i]), shard)) ++restored;
        }
        if (bus_ != nullptr) bus_->take_over(*snapshot_.bus, subscriptions_);
        if (bus_ == nullptr || !bus_->has_homes()) join_homes();
        for (std::size_t i = 0; i < snapshot_.requests.size(); ++i) {
            shards_[i % shards_.size()]->take_over(std::move(snapshot_.requests[i]));
        }
        restore_rest();
        return restored;
    }

private:
    bool restore(PassedClient client, unsigned index) {
        Shard& shard = *shards_[index];
        auto subscriptions = client.session.subscriptions;
        auto* const subscriber = shard.take_over(std::move(client));
        if (subscriber == nullptr) return false;
        for (auto& each : subscriptions) {
            const ChannelKey channel(subscriber->app(), std::move(each.channel));
            std::unique_ptr<channels::MemberIdentity> identity;
            if (!each.user_id.empty()) {
                identity = std::make_unique<channels::MemberIdentity>(channels::MemberIdentity{
                    each.user_id, std::move(each.user_id_json)});
            }
            shard.hub().take_over(*subscriber, channel, std::move(identity));
            subscriptions_.push_back({channel, index, std::move(each.user_id)});
        }
        return true;
    }

    /// Members come in the order in which they are known.
    void join_homes() {
        std::vector<std::pair<const Member*, const PassedSubscription*>> joins;  // null: no member
        for (const PassedSubscription& each : subscriptions_) {
            const bool is_member = !each.user_id.empty();
            joins.emplace_back(
                is_member ? members_.at(each.channel).at(each.user_id) : nullptr, &each
            );
        }
        // Those of a channel lie in one array, in that order.
        std::ranges::stable_sort(joins, std::less<>(), [](const auto& join) { return join.first; });
        for (const auto& [member, each] : joins) {
            hub_of(each->channel).take_over(each->channel, each->shard, member);
        }
    }

    void restore_rest() {
        std::vector<PassedChannels> parts(shards_.size());
        PassedChannels& all = snapshot_.channels;
        for (auto& each : all.events)
            part_of(parts, each.channel).events.push_back(std::move(each));
        for (auto& each : all.absences) {
            part_of(parts, each.channel).absences.push_back(std::move(each));
        }
        for (auto& each : all.counts) part_of(parts, each).counts.push_back(std::move(each));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            shards_[i]->hub().take_over(std::move(parts[i]));
        }
    }

    [[nodiscard]] unsigned home_of(const ChannelKey& channel) const {
        return channels::home_of(channel, static_cast<unsigned>(shards_.size()));
    }

    [[nodiscard]] channels::Hub& hub_of(const ChannelKey& channel) const {
        return shards_[home_of(channel)]->hub();
    }

    [[nodiscard]] PassedChannels& part_of(
        std::vector<PassedChannels>& parts, const ChannelKey& channel
    ) const {
        return parts[home_of(channel)];
    }

    template <typename Value>
    using ByChannel =
        std::unordered_map<ChannelKey, Value, channels::ChannelHash, channels::ChannelEqual>;

    Snapshot& snapshot_;
    std::span<const std::unique_ptr<Shard>> shards_;
    cluster::Bus* bus_;
    ByChannel<std::map<std::string, const Member*>> members_;  // by user id
    std::vector<PassedSubscription> subscriptions_;
};

}  // namespace

std::size_t restore(
    Snapshot snapshot, std::span<const std::unique_ptr<Shard>> shards, cluster::Bus* bus
) {
    return Restoration(snapshot, shards, bus).run();
}

}  // namespace fanfare::server
