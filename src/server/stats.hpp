// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/activity.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/base/process_stats.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::server {

struct Common;
class Shard;

/// What an app's clients and backends have done; the fields of AppActivity, which see.
struct AppCounts {
    std::uint64_t connections_opened = 0;
    std::uint64_t connections_taken_over = 0;
    std::uint64_t connections_closed = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t api_requests = 0;
    std::uint64_t api_received_bytes = 0;
    std::uint64_t api_sent_bytes = 0;

    void add(const AppActivity& activity);
};

/// Of one app over all shards, or of all those that have no numbers of their own.
struct AppStats {
    std::string id;  ///< of the latter `other`
    std::uint64_t connections = 0;
    AppCounts counts;
};

/// Of one shard over all apps.
struct ShardStats {
    std::uint64_t connections = 0;
    AppCounts counts;
    std::uint64_t websocket_received_bytes = 0;
    std::uint64_t websocket_sent_bytes = 0;
    std::uint64_t http_received_bytes = 0;
    std::uint64_t http_sent_bytes = 0;
    std::uint64_t sockets = 0;
    std::uint64_t channels = 0;
    std::uint64_t queued_bytes = 0;
    std::uint64_t queued_messages = 0;
    std::uint64_t mailbox_messages = 0;
    std::array<std::uint64_t, LatencyHistogram::bucket_count> fan_out{};  ///< not summed up
    std::chrono::nanoseconds fan_out_sum{0};
};

enum class ServerState { starting, serving, draining };

/// On the main thread.
[[nodiscard]] ServerState state_of(const Common& common);

/// What there is to know of the server at one moment, for whoever shows it.
struct Stats {
    std::string version;
    ServerState state = ServerState::starting;
    bool is_ready = false;                   ///< as `/ready` says
    std::vector<std::string_view> troubles;  ///< see troubles_of
    std::uint16_t port = 0;                  ///< 0: does not listen so far
    std::uint64_t capacity = 0;              ///< connections that the process may have
    ProcessStats process;
    std::vector<ShardStats> shards;
    std::vector<AppStats> apps;
    std::array<std::uint64_t, counter_count> refusals{};  ///< by Counter
    std::array<std::array<std::uint64_t, http_statuses.size()>, http_route_names.size()> answers{};
    webhooks::Counters webhooks;
    std::optional<bool> is_database_up;    ///< nothing if no apps are in one
    std::optional<cluster::BusState> bus;  ///< nothing if the node is alone
    bool is_whole = true;                  ///< the node sees the whole cluster
};

/// On the main thread; it disturbs no shard. `bus` is null if the node is alone.
[[nodiscard]] Stats take_stats(
    const Common& common, std::span<const std::unique_ptr<Shard>> shards, const cluster::Bus* bus
);

}  // namespace fanfare::server
