// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/tally.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fanfare {

/// What an HTTP request is about. The names are in http_route_names, in the same order.
enum class HttpRoute : std::uint8_t {
    events,
    batch_events,
    channels,
    channel,
    users,
    connections,
    terminate_connections,
    health,
    demo,
    websocket,
    other,  ///< no page, or not understood so far
};

inline constexpr std::array<std::string_view, 11> http_route_names{
    "events",
    "batch_events",
    "channels",
    "channel",
    "users",
    "connections",
    "terminate_connections",
    "health",
    "demo",
    "websocket",
    "other",
};

/// The answers that are counted each by itself; the first stands for all others.
inline constexpr std::array<unsigned, 16> http_statuses{
    0, 101, 200, 204, 302, 400, 401, 403, 404, 405, 413, 422, 426, 429, 501, 503};

/// How often each kind of request was answered in which way.
class HttpAnswers {
public:
    void add(HttpRoute route, unsigned status) {
        const auto* found = std::find(http_statuses.begin(), http_statuses.end(), status);
        const std::size_t column = found == http_statuses.end()
                                       ? 0
                                       : static_cast<std::size_t>(found - http_statuses.begin());
        counts_[static_cast<std::size_t>(route)][column].add();
    }

    /// By the places in http_route_names and http_statuses.
    [[nodiscard]] std::uint64_t count(std::size_t route, std::size_t status) const {
        return counts_[route][status].value();
    }

private:
    std::array<std::array<Tally, http_statuses.size()>, http_route_names.size()> counts_;
};

/// What the clients of an app and its backends have done on a shard.
struct AppActivity {
    Tally connections_opened;
    Tally connections_taken_over;  ///< from the process before this one
    Tally connections_closed;
    Tally messages_received;  ///< of clients
    Tally received_bytes;     ///< the text of these
    Tally messages_sent;      ///< queued for clients
    Tally sent_bytes;         ///< these, with their WebSocket headers
    Tally events;             ///< of the API and of clients, once per channel
    Tally deliveries;         ///< those of messages_sent that went to a channel's subscribers
    Tally api_requests;
    Tally api_received_bytes;  ///< bodies
    Tally api_sent_bytes;      ///< bodies
};

/// Bytes of one kind of connection, before encryption.
struct Traffic {
    Tally received_bytes;
    Tally sent_bytes;
};

/// What a shard has done since the start. Its thread alone writes, any thread may read.
class Activity {
public:
    /// So many apps have numbers of their own: the first that the process has ever served. All
    /// others share one more place, so that what is shown of them is bounded.
    static constexpr std::size_t max_apps = 100;

    [[nodiscard]] AppActivity& of_app(AppIndex app) {
        return apps_[std::min<std::size_t>(app, max_apps)];
    }

    [[nodiscard]] const AppActivity& of_app(AppIndex app) const {
        return apps_[std::min<std::size_t>(app, max_apps)];
    }

    HttpAnswers http_answers;
    Traffic http;
    Traffic websocket;

    /// From the acceptance of an event to its being queued for the shard's last subscriber.
    LatencyHistogram fan_out;

    // As they were a moment ago.
    Tally sockets;
    Tally channels;
    Tally queued_bytes;
    Tally queued_messages;

private:
    std::array<AppActivity, max_apps + 1> apps_;
};

}  // namespace fanfare
