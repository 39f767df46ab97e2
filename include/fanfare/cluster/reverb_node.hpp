// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/redis/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

struct ReverbNodeOptions {
    redis::Options redis;
    std::string channel;                    ///< Redis channel of the cluster
    std::vector<config::AppSettings> apps;  ///< by AppIndex
    std::string public_host;                ///< where clients connect to, empty if not known
    unsigned shards = 1;
    std::size_t max_queued_bytes = 16'777'216;
    /// How long the other nodes may take to come back when Redis does.
    std::chrono::milliseconds patience{10'000};
};

/// This node's part in a cluster of Laravel Reverb (protocol.md 10.2): a thread that listens and
/// speaks on Reverb's Redis channel. As with a Reverb node, events, terminations and counts are of
/// the cluster, and who is in a channel is this node's own affair: the homes of its channels stay
/// on its shards.
class ReverbNode final : public Bus {
public:
    /// Throws std::runtime_error if an app's settings cannot travel over the bus.
    ReverbNode(
        ReverbNodeOptions options,
        channels::ShardLinks& shards,
        const Clock& clock,
        spdlog::logger& log
    );
    ~ReverbNode() override;

    // Bus
    void start(std::function<void()> on_first_open) override;
    void stop() override;

    // channels::Cluster
    void join(channels::JoinRequest request) override;
    void leave(unsigned shard, channels::ChannelKey channel, std::string user_id) override;
    void publish(
        unsigned shard,
        std::vector<channels::Publication> publications,
        std::function<void(bool)> done
    ) override;
    void terminate(AppIndex app, std::string user_id) override;
    void stats(
        unsigned shard,
        std::vector<channels::ChannelKey> channels,
        std::function<void(std::vector<channels::ChannelStats>)> done
    ) override;
    void user_ids(
        unsigned shard,
        channels::ChannelKey channel,
        std::function<void(std::vector<std::string>)> done
    ) override;
    void list(
        unsigned shard,
        AppIndex app,
        std::string prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) override;
    /// As Reverb counts them: those that are in a channel.
    void connections_elsewhere(
        unsigned shard, AppIndex app, const std::function<void(std::optional<std::uint64_t>)>& done
    ) override;
    [[nodiscard]] std::string_view trouble() const override;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::cluster
