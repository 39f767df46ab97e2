// SPDX-License-Identifier: MIT
// soketi's names (its src/metrics/prometheus-metrics-driver.ts). Its horizontal_adapter_… count the
// questions of its nodes to each other; here no node asks another, so there are none.
#include "metrics_text.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fanfare::server {

namespace {

struct Family {
    std::string_view name;
    std::string_view help;
    std::string_view type;
    std::uint64_t (*value)(const AppStats&);
};

constexpr std::array families{
    Family{
        "soketi_connected",
        "The number of currently connected sockets.",
        "gauge",
        [](const AppStats& a) { return a.connections; }},
    Family{
        "soketi_new_connections_total",
        "Total amount of connection requests.",
        "counter",
        [](const AppStats& a) { return a.counts.connections_opened; }},
    Family{
        "soketi_new_disconnections_total",
        "Total amount of disconnections.",
        "counter",
        [](const AppStats& a) { return a.counts.connections_closed; }},
    Family{
        "soketi_socket_received_bytes",
        "Total amount of bytes received from sockets.",
        "counter",
        [](const AppStats& a) { return a.counts.received_bytes; }},
    Family{
        "soketi_socket_transmitted_bytes",
        "Total amount of bytes transmitted to sockets.",
        "counter",
        [](const AppStats& a) { return a.counts.sent_bytes; }},
    Family{
        "soketi_ws_messages_received_total",
        "Total amount of messages received from sockets.",
        "counter",
        [](const AppStats& a) { return a.counts.messages_received; }},
    Family{
        "soketi_ws_messages_sent_total",
        "Total amount of messages sent to sockets.",
        "counter",
        [](const AppStats& a) { return a.counts.messages_sent; }},
    Family{
        "soketi_http_received_bytes",
        "Total amount of bytes that the REST API received.",
        "counter",
        [](const AppStats& a) { return a.counts.api_received_bytes; }},
    Family{
        "soketi_http_transmitted_bytes",
        "Total amount of bytes that the REST API sent back.",
        "counter",
        [](const AppStats& a) { return a.counts.api_sent_bytes; }},
    Family{
        "soketi_http_calls_received_total",
        "Total amount of received REST API calls.",
        "counter",
        [](const AppStats& a) { return a.counts.api_requests; }},
};

}  // namespace

void append_soketi_metrics(PrometheusText& text, const Stats& stats) {
    const std::string port = std::to_string(stats.port);
    for (const Family& family : families) {
        text.begin_family(family.name, family.help, family.type);
        for (const AppStats& app : stats.apps) {
            text.add({{"app_id", app.id}, {"port", port}}, family.value(app));
        }
    }
}

}  // namespace fanfare::server
