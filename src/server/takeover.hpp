// SPDX-License-Identifier: MIT
#pragma once

#include "app_registry.hpp"
#include "descriptor_pipe.hpp"
#include "shard.hpp"
#include "snapshot.hpp"

#include "fanfare/apps/database.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/config/environment.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace fanfare::server {

/// The other side of a Handover: this process takes the place of the one that has started it. On
/// the main thread, before the shards run.
class Takeover {
public:
    /// Nothing unless the environment says that there is one to take over from.
    [[nodiscard]] static std::unique_ptr<Takeover> from(const config::Environment& environment);

    explicit Takeover(int fd) : pipe_(fd) {}

    struct Context {
        const Common& common;
        std::span<const std::unique_ptr<Shard>> shards;
        cluster::Bus* bus;  ///< null if this server is alone
        const AppRegistry& apps;
        apps::Database* database;  ///< null if there is none
    };

    /// Says that this process is ready, waits for what the other one passes, puts it onto the
    /// shards and the bus, and waits until the other one is gone. Throws std::runtime_error if it
    /// does not come to that: then the other process goes on, and this one has touched no client.
    void run(const Context& context);

    /// The listening sockets that came along.
    [[nodiscard]] const std::vector<int>& listeners() const { return listeners_; }

private:
    [[nodiscard]] Snapshot receive(const Context& context);
    static void attend(const Context& context, cluster::Attention attention);
    std::size_t restore(const Context& context, Snapshot snapshot);
    void wait_for_end();

    DescriptorPipe pipe_;
    std::vector<int> listeners_;
};

}  // namespace fanfare::server
