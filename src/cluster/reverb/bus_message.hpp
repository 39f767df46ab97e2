// SPDX-License-Identifier: MIT
#pragma once

#include "application.hpp"
#include "pending_metric.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The messages on Laravel Reverb's Redis channel (protocol.md 10.2), as pure functions. Every node
/// gets every message, its own included.
///
/// A Reverb process ends at a message that it cannot read. Hence each encode function parses what
/// it is about to return and returns nothing if that is no JSON in valid UTF-8: the raw JSON it was
/// given was none.
namespace fanfare::cluster::reverb {

/// An event for the local subscribers of each channel, except `socket_id`.
struct BusEvent {
    std::string app_id;
    std::string event;
    std::vector<std::string> channels;
    std::string data;     ///< raw JSON, the exact bytes; empty if there was none
    std::string user_id;  ///< the same
    std::optional<std::string> socket_id;
};

/// Close the local connections of a user.
struct BusTerminate {
    std::string app_id;
    std::string user_id;
};

/// An answer to the metric with this key; only the asker has a use for it.
struct MetricAnswer {
    std::string key;
    std::string payload;  ///< raw JSON, an object or an array
};

/// A message to ignore, and why, for the log.
struct Unusable {
    std::string_view reason;
};

using BusMessage = std::variant<Unusable, BusEvent, BusTerminate, PendingMetric, MetricAnswer>;

/// Reads whatever arrives. Whether there is an app of that id is for the caller to see.
[[nodiscard]] BusMessage decode(std::string_view bytes);

/// An event from the HTTP API; `data` is the text itself.
[[nodiscard]] std::optional<std::string> encode_event(
    const ApplicationText& application,
    std::string_view event,
    const std::vector<std::string>& channels,
    std::string_view data,
    const std::optional<std::string>& socket_id = std::nullopt
);

/// A batch item or a client event. `data` and `user_id` are raw JSON, or empty for none.
[[nodiscard]] std::optional<std::string> encode_channel_event(
    const ApplicationText& application,
    std::string_view event,
    std::string_view channel,
    std::string_view data,
    std::string_view user_id = {},
    const std::optional<std::string>& socket_id = std::nullopt
);

[[nodiscard]] std::optional<std::string> encode_terminate(
    const ApplicationText& application, std::string_view user_id
);

[[nodiscard]] std::optional<std::string> encode_metric(
    std::string_view key, const ApplicationText& application, const Metric& metric
);

/// `payload` is raw JSON; nothing also if it is neither an object nor an array.
[[nodiscard]] std::optional<std::string> encode_answer(
    std::string_view key, std::string_view payload
);

/// What PHP's json_decode() takes by default. More than a client may send, for Reverb passes it on
/// and the envelope of a message adds two levels.
inline constexpr unsigned max_bus_depth = 512;

}  // namespace fanfare::cluster::reverb
