// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/redis/options.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

struct ReverbNodeOptions {
    redis::Options redis;
    std::string channel;      ///< Redis channel of the cluster
    std::string public_host;  ///< where clients connect to, empty if not known
    unsigned shards = 1;
    std::size_t max_queued_bytes = 16'777'216;
    /// How long the other nodes may take to come back when Redis does.
    std::chrono::milliseconds patience{10'000};
};

/// This node's part in a cluster of Laravel Reverb (protocol.md 10.2): a thread that listens and
/// speaks on Reverb's Redis channel. As with a Reverb node, events, terminations and counts are of
/// the cluster, and who is in a channel is this node's own affair: the homes of its channels stay
/// on its shards.
[[nodiscard]] std::unique_ptr<Bus> make_reverb_node(
    ReverbNodeOptions options, channels::ShardLinks& shards, const Clock& clock, spdlog::logger& log
);

}  // namespace fanfare::cluster
