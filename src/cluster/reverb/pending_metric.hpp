// SPDX-License-Identifier: MIT
#pragma once

#include "application.hpp"

#include "fanfare/base/random.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::cluster::reverb {

enum class MetricType {
    channels,       ///< the app's channels, or those listed, and their attributes
    channel,        ///< the attributes of one channel
    channel_users,  ///< the users of a presence channel
    connections,    ///< the socket ids of subscribed connections
};

/// What an asker wants to know; which options there are depends on the type. An `info` is a list
/// as in protocol.md 5.5.
struct Metric {
    MetricType type = MetricType::connections;
    std::optional<std::string> filter;               ///< channels: only those with this prefix
    std::optional<std::string> info;                 ///< channels, channel
    std::optional<std::vector<std::string>> listed;  ///< channels: only these (trigger with info)
    std::string channel;                             ///< channel, channel_users
};

/// A metric on its way: each node answers with a message whose type is the key.
struct PendingMetric {
    std::string key;
    std::string app_id;
    Metric metric;
};

/// A fresh key, ten letters and digits like Reverb's.
[[nodiscard]] std::string make_metric_key(const RandomSource& random);

/// Whether answers may have `key` for a type. Letters and digits; no other message must look like
/// an answer, nor an answer like another message.
[[nodiscard]] bool is_metric_key(std::string_view key);

/// What PHP's serialize() gives for Reverb's object.
[[nodiscard]] std::string serialize_metric(
    std::string_view key, const ApplicationText& application, const Metric& metric
);

/// The reverse; nothing if it is anything else.
[[nodiscard]] std::optional<PendingMetric> read_metric(std::string_view serialized);

}  // namespace fanfare::cluster::reverb
