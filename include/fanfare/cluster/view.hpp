// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::cluster {

/// A node as Redis knows it.
struct NodeView {
    std::string id;
    std::string address;
    std::string version;
    std::string state;  ///< `ok`, `syncing`, or `dead`: its lease is over and nobody has buried it
    std::chrono::milliseconds lease_left{0};  ///< negative: over
    std::uint64_t connections = 0;
    std::uint64_t channels = 0;  ///< that it follows
    std::uint64_t queued_bytes = 0;
    std::chrono::microseconds bus_lag{0};  ///< from it through Redis to itself
};

/// Asks Redis for the nodes of the cluster, by id. Throws std::runtime_error, which says why, if
/// Redis is not reached or does not answer within `limit`.
[[nodiscard]] std::vector<NodeView> view_cluster(
    const redis::Options& options, std::string_view name_space, std::chrono::milliseconds limit
);

}  // namespace fanfare::cluster
