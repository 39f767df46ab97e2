// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/cluster.hpp"

#include <functional>

namespace fanfare::cluster {

/// A cluster of either kind, as the server that owns it sees it.
class Bus : public channels::Cluster {
public:
    virtual ~Bus() = default;

    /// Starts the thread; calls `on_first_open` on it once this node is part of the cluster. From
    /// now on the shards are posted to.
    virtual void start(std::function<void()> on_first_open) = 0;

    /// Takes this node out of the cluster (waiting for Redis two seconds at most) and ends the
    /// thread. What the shards still say goes nowhere.
    virtual void stop() = 0;
};

}  // namespace fanfare::cluster
