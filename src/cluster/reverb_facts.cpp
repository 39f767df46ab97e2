// SPDX-License-Identifier: MIT
#include "reverb_facts.hpp"

#include "fanfare/protocol/socket_id.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace fanfare::cluster {

using channels::ChannelHome;
using channels::ChannelKey;
using channels::ChannelStats;
using channels::Hub;
using reverb::AnswerMerge;
using reverb::Metric;
using reverb::MetricType;

namespace {

constexpr std::string_view all_counts = "occupied,user_count,subscription_count";

/// The channels that a metric names; none if it wants those that there are.
std::set<std::string_view> named_channels(const Metric& metric) {
    if (metric.type == MetricType::channel) return {metric.channel};
    if (!metric.listed) return {};
    return {metric.listed->begin(), metric.listed->end()};
}

/// The socket ids of subscribed connections.
std::vector<std::string> subscribed(const Hub& hub, AppIndex app) {
    std::vector<std::string> ids;
    for (const channels::Subscriber* subscriber : hub.subscribers()) {
        if (subscriber == nullptr || subscriber->app() != app) continue;
        if (!subscriber->subscriptions().empty()) {
            ids.push_back(protocol::to_string(subscriber->socket_id()));
        }
    }
    return ids;
}

/// By name; a channel that is named is there in any case.
std::map<std::string_view, ChannelStats> add_up(
    const Metric& metric, const std::vector<ShardFacts>& facts
) {
    std::map<std::string_view, ChannelStats> channels;
    for (const std::string_view name : named_channels(metric)) channels[name];
    for (const ShardFacts& shard : facts) {
        for (const auto& [name, stats] : shard.channels) {
            ChannelStats& sum = channels[name];
            sum.subscriptions += stats.subscriptions;
            sum.users += stats.users;
            if (stats.cached) sum.cached = stats.cached;
        }
    }
    return channels;
}

std::string channels_payload(const Metric& metric, const std::vector<ShardFacts>& facts) {
    std::vector<reverb::ChannelFacts> list;
    const auto channels = add_up(metric, facts);
    for (const auto& [name, stats] : channels) {
        const std::string_view cache = stats.cached ? stats.cached->event.text() : "";
        list.push_back({name, stats.subscriptions, stats.users, cache});
    }
    const std::string_view info = metric.info ? std::string_view(*metric.info) : "";
    if (metric.type == MetricType::channel) return reverb::channel_answer(list.front(), info);
    return reverb::channels_answer(list, info);
}

}  // namespace

ShardFacts facts_of(const Hub& hub, AppIndex app, const Metric& metric) {
    ShardFacts facts;
    switch (metric.type) {
        case MetricType::channels:
        case MetricType::channel:
            if (metric.type == MetricType::channels && !metric.listed) {
                facts.channels = hub.home().list(app, metric.filter.value_or(""));
            }
            // At home on one shard only: the others have nothing to add.
            for (const std::string_view name : named_channels(metric)) {
                ChannelStats stats = hub.home().stats({app, name});
                stats.cached = hub.cached({app, name});
                if (stats.is_occupied() || stats.cached) facts.channels.emplace_back(name, stats);
            }
            break;
        case MetricType::channel_users:
            facts.ids = hub.home().user_ids({app, metric.channel});
            break;
        case MetricType::connections:
            facts.ids = subscribed(hub, app);
            break;
    }
    return facts;
}

std::string payload_of(const Metric& metric, const std::vector<ShardFacts>& facts) {
    if (metric.type == MetricType::channels || metric.type == MetricType::channel) {
        return channels_payload(metric, facts);
    }
    std::vector<std::string> ids;
    for (const ShardFacts& shard : facts) std::ranges::copy(shard.ids, std::back_inserter(ids));
    return metric.type == MetricType::connections ? reverb::connections_answer(ids)
                                                  : reverb::users_answer(ids);
}

Metric metric_of_stats(const std::vector<ChannelKey>& channels) {
    Metric metric;
    metric.type = MetricType::channels;
    metric.info = all_counts;
    metric.listed.emplace();
    for (const ChannelKey& channel : channels) metric.listed->push_back(channel.name);
    return metric;
}

Metric metric_of_list(const std::string& prefix) {
    Metric metric;
    metric.type = MetricType::channels;
    metric.info = all_counts;
    if (!prefix.empty()) metric.filter = prefix;
    return metric;
}

ChannelStats stats_of(const reverb::ChannelAttributes& attributes) {
    ChannelStats stats;
    stats.users = attributes.user_count.value_or(0);
    const std::uint64_t least = attributes.occupied.value_or(false) ? 1 : 0;
    stats.subscriptions = attributes.subscription_count.value_or(std::max(stats.users, least));
    return stats;
}

std::vector<ChannelStats> stats_of(
    const std::vector<ChannelKey>& channels, const AnswerMerge& answers
) {
    std::vector<ChannelStats> stats;
    for (const ChannelKey& channel : channels) {
        const auto found = answers.channels().find(channel.name);
        stats.push_back(
            found == answers.channels().end() ? ChannelStats{} : stats_of(found->second)
        );
    }
    return stats;
}

ChannelHome::Listing listing_of(const AnswerMerge& answers) {
    ChannelHome::Listing listing;
    for (const auto& [name, attributes] : answers.channels()) {
        const ChannelStats stats = stats_of(attributes);
        if (stats.is_occupied()) listing.emplace_back(name, stats);
    }
    return listing;
}

}  // namespace fanfare::cluster
