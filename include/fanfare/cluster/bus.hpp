// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/config/settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace fanfare::cluster {

/// What is known of Redis.
struct BusState {
    bool is_connected = false;
    std::uint64_t losses = 0;          ///< of a connection that was there
    std::chrono::microseconds lag{0};  ///< the last time that Redis was asked; 0: not yet
    std::uint64_t queued_bytes = 0;    ///< that Redis has not taken
};

/// A cluster of either kind, as the server that owns it sees it.
class Bus : public channels::Cluster {
public:
    virtual ~Bus() = default;

    /// Starts the thread; calls `on_first_open` on it once this node is part of the cluster. From
    /// now on the shards are posted to.
    virtual void start(std::function<void()> on_first_open) = 0;

    /// Throws std::runtime_error if the settings of an app cannot travel over the bus.
    virtual void require_sayable(const config::AppSettings& /*settings*/) const {}

    /// Any thread. An app is new, has changed or (null) is removed; in the order of their indices
    /// when they are new, and before a shard hears of it.
    virtual void set_app(AppIndex app, const config::SharedAppSettings& settings) = 0;

    /// Any thread.
    [[nodiscard]] virtual BusState state() const = 0;

    /// Takes this node out of the cluster (waiting for Redis two seconds at most) and ends the
    /// thread. What the shards still say goes nowhere.
    virtual void stop() = 0;
};

}  // namespace fanfare::cluster
