// SPDX-License-Identifier: MIT
#include "stats.hpp"

#include "shard.hpp"

#include <algorithm>

namespace fanfare::server {

namespace {

constexpr std::size_t max_apps = Activity::max_apps;

ShardStats stats_of(const Shard& shard) {
    const Activity& activity = shard.counters().activity();
    ShardStats stats;
    for (AppIndex app = 0; app <= max_apps; ++app) stats.counts.add(activity.of_app(app));
    // Read one after the other, so one that is just closing may be in the second only.
    const std::uint64_t begun =
        stats.counts.connections_opened + stats.counts.connections_taken_over;
    stats.connections = begun - std::min(begun, stats.counts.connections_closed);
    stats.websocket_received_bytes = activity.websocket.received_bytes.value();
    stats.websocket_sent_bytes = activity.websocket.sent_bytes.value();
    stats.http_received_bytes = activity.http.received_bytes.value();
    stats.http_sent_bytes = activity.http.sent_bytes.value();
    stats.sockets = activity.sockets.value();
    stats.channels = activity.channels.value();
    stats.queued_bytes = activity.queued_bytes.value();
    stats.queued_messages = activity.queued_messages.value();
    stats.mailbox_messages = shard.mailbox_size();
    for (std::size_t i = 0; i < stats.fan_out.size(); ++i) {
        stats.fan_out[i] = activity.fan_out.count_in(i);
    }
    stats.fan_out_sum = activity.fan_out.sum();
    return stats;
}

/// A name that none of the others has.
std::string name_of_the_rest(const std::vector<AppStats>& apps) {
    std::string name = "other";
    while (std::ranges::find(apps, name, &AppStats::id) != apps.end()) name += '_';
    return name;
}

std::vector<AppStats> stats_of_apps(
    const apps::AppTable& table, std::span<const std::unique_ptr<Shard>> shards
) {
    std::vector<AppStats> all;
    const std::size_t size = table.size();
    for (std::size_t i = 0; i < size; ++i) {
        if (i < max_apps) all.push_back({table[i].id, 0, {}});
        if (i == max_apps) all.push_back({name_of_the_rest(all), 0, {}});
        all.back().connections += table[i].usage.connections.open;
    }
    for (const auto& shard : shards) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].counts.add(shard->counters().activity().of_app(static_cast<AppIndex>(i)));
        }
    }
    return all;
}

void add_answers(Stats& stats, const HttpAnswers& answers) {
    for (std::size_t route = 0; route < stats.answers.size(); ++route) {
        for (std::size_t status = 0; status < stats.answers[route].size(); ++status) {
            stats.answers[route][status] += answers.count(route, status);
        }
    }
}

}  // namespace

void AppCounts::add(const AppActivity& activity) {
    connections_opened += activity.connections_opened.value();
    connections_taken_over += activity.connections_taken_over.value();
    connections_closed += activity.connections_closed.value();
    messages_received += activity.messages_received.value();
    received_bytes += activity.received_bytes.value();
    messages_sent += activity.messages_sent.value();
    sent_bytes += activity.sent_bytes.value();
    events += activity.events.value();
    deliveries += activity.deliveries.value();
    api_requests += activity.api_requests.value();
    api_received_bytes += activity.api_received_bytes.value();
    api_sent_bytes += activity.api_sent_bytes.value();
}

ServerState state_of(const Common& common) {
    if (common.is_draining) return ServerState::draining;
    return common.port != 0 ? ServerState::serving : ServerState::starting;
}

Stats take_stats(
    const Common& common, std::span<const std::unique_ptr<Shard>> shards, const cluster::Bus* bus
) {
    Stats stats;
    stats.version = FANFARE_VERSION;
    stats.port = common.port;
    stats.capacity = common.capacity;
    stats.state = state_of(common);
    stats.troubles = troubles_of(common, bus);
    stats.is_ready = stats.state == ServerState::serving &&
                     (stats.troubles.empty() || !common.settings.server.strict_ready);
    stats.process = read_process_stats();
    for (const auto& shard : shards) {
        stats.shards.push_back(stats_of(*shard));
        add_answers(stats, shard->counters().activity().http_answers);
        for (std::size_t i = 0; i < counter_count; ++i) {
            stats.refusals[i] += shard->counters().of(static_cast<Counter>(i));
        }
    }
    stats.apps = stats_of_apps(common.apps, shards);
    stats.webhooks = common.news.counters();
    if (common.database != nullptr) stats.is_database_up = !common.database->is_away();
    if (bus != nullptr) {
        stats.bus = bus->state();
        stats.is_whole = bus->trouble().empty();
    }
    return stats;
}

}  // namespace fanfare::server
