// SPDX-License-Identifier: MIT
#include "fanfare/server/cluster_view.hpp"

#include "cluster_bus.hpp"

#include "fanfare/cluster/view.hpp"
#include "fanfare/server/redis_options.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <vector>

namespace fanfare::server {

namespace {

using cluster::NodeView;

std::string to_json(const std::vector<NodeView>& nodes) {
    auto list = nlohmann::ordered_json::array();
    for (const NodeView& node : nodes) {
        list.push_back(
            {{"id", node.id},
             {"address", node.address},
             {"version", node.version},
             {"state", node.state},
             {"lease_left_ms", node.lease_left.count()},
             {"connections", node.connections},
             {"channels", node.channels},
             {"queued_bytes", node.queued_bytes},
             {"bus_lag_us", node.bus_lag.count()}}
        );
    }
    return list.dump(2) + "\n";
}

std::string to_table(const std::vector<NodeView>& nodes) {
    constexpr std::string_view row = "{:<20} {:<24} {:<9} {:<8} {:>10} {:>12} {:>9} {:>12} {:>9}\n";
    std::string table = fmt::format(
        fmt::runtime(row),
        "NODE",
        "ADDRESS",
        "VERSION",
        "STATE",
        "LEASE",
        "CONNECTIONS",
        "CHANNELS",
        "QUEUED",
        "BUS LAG"
    );
    for (const NodeView& node : nodes) {
        table += fmt::format(
            fmt::runtime(row),
            node.id,
            node.address,
            node.version,
            node.state,
            fmt::format("{:.1f} s", static_cast<double>(node.lease_left.count()) / 1e3),
            node.connections,
            node.channels,
            fmt::format("{} B", node.queued_bytes),
            fmt::format("{:.1f} ms", static_cast<double>(node.bus_lag.count()) / 1e3)
        );
    }
    return table;
}

}  // namespace

std::string describe_cluster(const config::ScalingSettings& scaling, bool as_json) {
    const redis::Options options = redis_options(scaling);
    const auto nodes = cluster::view_cluster(options, cluster_name(scaling), options.timeout);
    return as_json ? to_json(nodes) : to_table(nodes);
}

}  // namespace fanfare::server
