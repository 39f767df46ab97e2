// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/redis/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

struct NodeOptions {
    redis::Options redis;
    std::string name_space;  ///< keeps clusters in one Redis apart
    std::string address;     ///< of this node, for a person
    std::string version;
    unsigned shards = 1;
    std::chrono::milliseconds lease{10'000};  ///< in which a death is dealt with
    std::size_t max_queued_bytes = 16'777'216;
};

/// How the node counts connections and learns of apps; called on the thread of the bus.
struct NodeApps {
    std::function<std::uint32_t(AppIndex)> open;                 ///< connections on this node
    std::function<void(AppIndex, std::uint32_t)> set_elsewhere;  ///< connections on all others
    /// Another node has an app of this id. If there is a way to it here, set_app follows.
    std::function<void(const std::string& app_id)> look_for;
};

/// What apps want to know, and who tells them; on the thread of the bus.
struct AppNews {
    const channels::AppPolicies& policies;
    channels::HappeningSink& sink;
};

/// This node's part in a cluster over Redis: a thread with its connections to Redis, which is the
/// home of all channels of this node.
[[nodiscard]] std::unique_ptr<Bus> make_node(
    NodeOptions options,
    channels::ShardLinks& shards,
    const Clock& clock,
    NodeApps apps,
    AppNews news,
    spdlog::logger& log
);

}  // namespace fanfare::cluster
