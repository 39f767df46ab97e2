// SPDX-License-Identifier: MIT
#pragma once

#include "reverb/answer.hpp"
#include "reverb/pending_metric.hpp"

#include "fanfare/base/app_index.hpp"
#include "fanfare/channels/hub.hpp"

#include <string>
#include <vector>

/// What this node answers to metrics, and what answers mean to a Hub.
namespace fanfare::cluster {

/// What one shard has to say to a metric.
struct ShardFacts {
    channels::ChannelHome::Listing channels;  ///< of MetricType::channels and channel
    std::vector<std::string> ids;             ///< of MetricType::channel_users and connections
};

/// Runs on the Hub's shard.
[[nodiscard]] ShardFacts facts_of(
    const channels::Hub& hub, AppIndex app, const reverb::Metric& metric
);

/// The payload of an answer. No facts at all are those of an app that this node does not have.
[[nodiscard]] std::string payload_of(
    const reverb::Metric& metric, const std::vector<ShardFacts>& facts
);

/// The metric that asks for the stats of `channels`.
[[nodiscard]] reverb::Metric metric_of_stats(const std::vector<channels::ChannelKey>& channels);

/// The metric that asks for all channels whose names begin with `prefix`.
[[nodiscard]] reverb::Metric metric_of_list(const std::string& prefix);

/// As Hub means them. Of a presence channel nobody tells the number of connections: then there are
/// as many as users.
[[nodiscard]] channels::ChannelStats stats_of(const reverb::ChannelAttributes& attributes);

/// Those of the channels asked for, in their order.
[[nodiscard]] std::vector<channels::ChannelStats> stats_of(
    const std::vector<channels::ChannelKey>& channels, const reverb::AnswerMerge& answers
);

[[nodiscard]] channels::ChannelHome::Listing listing_of(const reverb::AnswerMerge& answers);

}  // namespace fanfare::cluster
