// SPDX-License-Identifier: MIT
#include "metrics_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string_view>

namespace fanfare::server {

namespace {

constexpr std::string_view counter = "counter";
constexpr std::string_view gauge = "gauge";

double seconds(auto duration) {
    return std::chrono::duration<double>(duration).count();
}

/// A family with one sample for each of what is counted, and where its value is.
template <typename Counted>
struct Family {
    std::string_view name;
    std::string_view help;
    std::string_view type;
    std::uint64_t (*value)(const Counted&);
};

constexpr std::array shard_families{
    Family<ShardStats>{
        "fanfare_connections",
        "Clients that are connected.",
        gauge,
        [](const ShardStats& s) { return s.connections; }},
    Family<ShardStats>{
        "fanfare_connections_opened_total",
        "Clients that were let in; those of the process before an upgrade are not.",
        counter,
        [](const ShardStats& s) { return s.counts.connections_opened; }},
    Family<ShardStats>{
        "fanfare_connections_ended_total",
        "Clients that have gone, for whatever reason.",
        counter,
        [](const ShardStats& s) { return s.counts.connections_closed; }},
    Family<ShardStats>{
        "fanfare_sockets",
        "Open sockets of clients and of the HTTP API.",
        gauge,
        [](const ShardStats& s) { return s.sockets; }},
    Family<ShardStats>{
        "fanfare_channels",
        "Channels with subscribers on the shard.",
        gauge,
        [](const ShardStats& s) { return s.channels; }},
    Family<ShardStats>{
        "fanfare_messages_received_total",
        "Messages from clients.",
        counter,
        [](const ShardStats& s) { return s.counts.messages_received; }},
    Family<ShardStats>{
        "fanfare_messages_sent_total",
        "Messages queued for clients.",
        counter,
        [](const ShardStats& s) { return s.counts.messages_sent; }},
    Family<ShardStats>{
        "fanfare_events_total",
        "Events that the HTTP API and clients handed in, once for each channel, those that Redis "
        "had no room for included.",
        counter,
        [](const ShardStats& s) { return s.counts.events; }},
    Family<ShardStats>{
        "fanfare_deliveries_total",
        "Messages queued for the subscribers of a channel, once for each subscriber.",
        counter,
        [](const ShardStats& s) { return s.counts.deliveries; }},
    Family<ShardStats>{
        "fanfare_queued_bytes",
        "Bytes that wait for sockets to take them.",
        gauge,
        [](const ShardStats& s) { return s.queued_bytes; }},
    Family<ShardStats>{
        "fanfare_queued_messages",
        "Messages and answers that wait for sockets to take them.",
        gauge,
        [](const ShardStats& s) { return s.queued_messages; }},
    Family<ShardStats>{
        "fanfare_mailbox_messages",
        "Messages of other threads that wait for the shard.",
        gauge,
        [](const ShardStats& s) { return s.mailbox_messages; }},
};

constexpr std::array app_families{
    Family<AppStats>{
        "fanfare_app_connections",
        "Clients of the app that are connected to this node.",
        gauge,
        [](const AppStats& a) { return a.connections; }},
    Family<AppStats>{
        "fanfare_app_connections_opened_total",
        "Clients of the app that were let in; those of the process before an upgrade are not.",
        counter,
        [](const AppStats& a) { return a.counts.connections_opened; }},
    Family<AppStats>{
        "fanfare_app_messages_received_total",
        "Messages from clients of the app.",
        counter,
        [](const AppStats& a) { return a.counts.messages_received; }},
    Family<AppStats>{
        "fanfare_app_messages_sent_total",
        "Messages queued for clients of the app.",
        counter,
        [](const AppStats& a) { return a.counts.messages_sent; }},
    Family<AppStats>{
        "fanfare_app_received_bytes_total",
        "Bytes of the messages from clients of the app.",
        counter,
        [](const AppStats& a) { return a.counts.received_bytes; }},
    Family<AppStats>{
        "fanfare_app_sent_bytes_total",
        "Bytes of the messages queued for clients of the app.",
        counter,
        [](const AppStats& a) { return a.counts.sent_bytes; }},
    Family<AppStats>{
        "fanfare_app_events_total",
        "Events of the app that the HTTP API and clients handed in, once for each channel.",
        counter,
        [](const AppStats& a) { return a.counts.events; }},
    Family<AppStats>{
        "fanfare_app_deliveries_total",
        "Messages queued for subscribers of the app's channels, once for each subscriber.",
        counter,
        [](const AppStats& a) { return a.counts.deliveries; }},
    Family<AppStats>{
        "fanfare_app_api_requests_total",
        "Requests of the app to the HTTP API that were well signed.",
        counter,
        [](const AppStats& a) { return a.counts.api_requests; }},
};

void append_shards(PrometheusText& text, const Stats& stats) {
    for (const auto& family : shard_families) {
        text.begin_family(family.name, family.help, family.type);
        for (std::size_t i = 0; i < stats.shards.size(); ++i) {
            text.add({{"shard", std::to_string(i)}}, family.value(stats.shards[i]));
        }
    }
}

void append_apps(PrometheusText& text, const Stats& stats) {
    for (const auto& family : app_families) {
        text.begin_family(family.name, family.help, family.type);
        for (const AppStats& app : stats.apps) {
            text.add({{"app", app.id}}, family.value(app));
        }
    }
}

void append_traffic(PrometheusText& text, const Stats& stats) {
    const auto append = [&](std::string_view name, std::string_view help, auto websocket, auto http
                        ) {
        text.begin_family(name, help, counter);
        for (std::size_t i = 0; i < stats.shards.size(); ++i) {
            const ShardStats& shard = stats.shards[i];
            const std::string number = std::to_string(i);
            text.add({{"shard", number}, {"protocol", "websocket"}}, shard.*websocket);
            text.add({{"shard", number}, {"protocol", "http"}}, shard.*http);
        }
    };
    append(
        "fanfare_received_bytes_total",
        "Bytes read from sockets, after decryption.",
        &ShardStats::websocket_received_bytes,
        &ShardStats::http_received_bytes
    );
    append(
        "fanfare_sent_bytes_total",
        "Bytes written to sockets, before encryption.",
        &ShardStats::websocket_sent_bytes,
        &ShardStats::http_sent_bytes
    );
}

void append_fan_out(PrometheusText& text, const Stats& stats) {
    text.begin_family(
        "fanfare_fan_out_seconds",
        "From the acceptance of an event to its being queued for the shard's last subscriber.",
        "histogram"
    );
    for (std::size_t i = 0; i < stats.shards.size(); ++i) {
        const ShardStats& shard = stats.shards[i];
        const std::string number = std::to_string(i);
        std::uint64_t count = 0;
        for (std::size_t bucket = 0; bucket < shard.fan_out.size(); ++bucket) {
            count += shard.fan_out[bucket];
            const bool is_last = bucket == LatencyHistogram::bounds.size();
            const std::string bound =
                is_last ? "+Inf" : to_prometheus(seconds(LatencyHistogram::bounds[bucket]));
            text.add("_bucket", {{"shard", number}, {"le", bound}}, std::to_string(count));
        }
        text.add("_sum", {{"shard", number}}, to_prometheus(seconds(shard.fan_out_sum)));
        text.add("_count", {{"shard", number}}, std::to_string(count));
    }
}

/// The answers that have been given so far, and of each route the one that is hoped for.
void append_answers(PrometheusText& text, const Stats& stats) {
    text.begin_family(
        "fanfare_api_requests_total",
        "HTTP requests, by what they were about and the answer.",
        counter
    );
    for (std::size_t route = 0; route < http_route_names.size(); ++route) {
        const bool is_upgrade = http_route_names[route] == "websocket";
        for (std::size_t i = 0; i < http_statuses.size(); ++i) {
            const std::uint64_t count = stats.answers[route][i];
            const unsigned status = http_statuses[i];
            if (count == 0 && status != (is_upgrade ? 101U : 200U)) continue;
            const std::string label = status == 0 ? "other" : std::to_string(status);
            text.add({{"route", http_route_names[route]}, {"status", label}}, count);
        }
    }
}

void append_refusals(PrometheusText& text, const Stats& stats) {
    std::string_view family;
    for (const CounterName& name : counter_names()) {
        if (name.family != family) {
            family = name.family;
            text.begin_family(family, help_of(family), counter);
        }
        text.add({{"reason", name.reason}}, stats.refusals[static_cast<std::size_t>(name.counter)]);
    }
}

void append_webhooks(PrometheusText& text, const webhooks::Counters& webhooks) {
    text.begin_family(
        "fanfare_webhook_events_total", "Events for webhooks, by what has become of them.", counter
    );
    text.add({{"result", "delivered"}}, webhooks.delivered);
    text.add({{"result", "dead_letter"}}, webhooks.dead_letters);
    text.add({{"result", "dropped"}}, webhooks.dropped);
    text.begin_family(
        "fanfare_webhook_failed_attempts_total",
        "Requests to webhooks that were not answered with 2xx.",
        counter
    );
    text.add({}, webhooks.failed_attempts);
    text.begin_family("fanfare_webhook_queued_events", "Events that wait or are under way.", gauge);
    text.add({}, webhooks.queued);
}

void append_value(
    PrometheusText& text,
    std::string_view name,
    std::string_view help,
    std::string_view type,
    auto value
) {
    text.begin_family(name, help, type);
    text.add({}, value);
}

void append_bus(PrometheusText& text, const Stats& stats) {
    if (!stats.bus) return;
    const cluster::BusState& bus = *stats.bus;
    append_value(
        text,
        "fanfare_redis_connected",
        "1 while Redis is reached.",
        gauge,
        std::uint64_t{bus.is_connected}
    );
    append_value(
        text,
        "fanfare_cluster_joined",
        "1 while the node sees the whole cluster.",
        gauge,
        std::uint64_t{stats.is_whole}
    );
    append_value(
        text,
        "fanfare_redis_losses_total",
        "How often the connection to Redis was lost.",
        counter,
        bus.losses
    );
    append_value(
        text,
        "fanfare_redis_lag_seconds",
        "From this node through Redis and back.",
        gauge,
        seconds(bus.lag)
    );
    append_value(
        text,
        "fanfare_redis_queued_bytes",
        "Bytes of events that Redis has still to take.",
        gauge,
        bus.queued_bytes
    );
}

void append_node(PrometheusText& text, const Stats& stats) {
    text.begin_family("fanfare_build_info", "1, with the version as a label.", gauge);
    text.add({{"version", stats.version}}, std::uint64_t{1});
    append_value(
        text, "fanfare_ready", "1 while /ready says yes.", gauge, std::uint64_t{stats.is_ready}
    );
    append_value(
        text,
        "fanfare_connections_limit",
        "Clients that may be connected to this node, by its limit for open files.",
        gauge,
        stats.capacity
    );
    if (stats.is_database_up) {
        append_value(
            text,
            "fanfare_apps_database_up",
            "1 unless the apps' database is away.",
            gauge,
            std::uint64_t{*stats.is_database_up}
        );
    }
}

/// Under the names that Prometheus' own libraries have.
void append_process(PrometheusText& text, const ProcessStats& process) {
    append_value(
        text, "process_cpu_seconds_total", "User and system CPU time.", counter, process.cpu_seconds
    );
    append_value(
        text, "process_resident_memory_bytes", "Resident memory.", gauge, process.resident_bytes
    );
    append_value(
        text, "process_virtual_memory_bytes", "Virtual memory.", gauge, process.virtual_bytes
    );
    append_value(
        text,
        "process_start_time_seconds",
        "Start of the process, in seconds since 1970.",
        gauge,
        process.start_unix_seconds
    );
    append_value(text, "process_open_fds", "Open file descriptors.", gauge, process.open_files);
    append_value(text, "process_max_fds", "Limit for these.", gauge, process.max_files);
}

}  // namespace

std::string metrics_text(const Stats& stats, bool has_soketi_names) {
    PrometheusText text;
    append_node(text, stats);
    append_shards(text, stats);
    append_traffic(text, stats);
    append_fan_out(text, stats);
    append_apps(text, stats);
    append_answers(text, stats);
    append_refusals(text, stats);
    append_webhooks(text, stats.webhooks);
    append_bus(text, stats);
    append_process(text, stats.process);
    if (has_soketi_names) append_soketi_metrics(text, stats);
    return text.take();
}

}  // namespace fanfare::server
