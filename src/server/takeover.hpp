// SPDX-License-Identifier: MIT
#pragma once

#include "app_registry.hpp"
#include "descriptor_pipe.hpp"
#include "shard.hpp"

#include "fanfare/apps/database.hpp"
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

    /// Says that this process is ready, waits for what the other one passes, puts it onto the
    /// shards, and waits until the other one is gone. `database` may be null. Throws
    /// std::runtime_error if it does not come to that: then the other process goes on, and this one
    /// has touched no client.
    void run(
        const Common& common,
        std::span<const std::unique_ptr<Shard>> shards,
        const AppRegistry& apps,
        apps::Database* database
    );

    /// The listening sockets that came along.
    [[nodiscard]] const std::vector<int>& listeners() const { return listeners_; }

private:
    std::size_t restore(
        const PipeMessage& message,
        std::span<const std::unique_ptr<Shard>> shards,
        const AppRegistry& apps,
        apps::Database* database
    );
    void wait_for_end();

    DescriptorPipe pipe_;
    std::vector<int> listeners_;
};

}  // namespace fanfare::server
