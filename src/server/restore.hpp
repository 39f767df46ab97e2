// SPDX-License-Identifier: MIT
#pragma once

#include "shard.hpp"
#include "snapshot.hpp"

#include "fanfare/cluster/bus.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace fanfare::server {

/// Puts what another process has passed onto shards that do not run yet and know their apps. There
/// may be another number of them. Nobody is told of anything: neither clients nor webhooks. `bus`
/// is null if this server is alone. Returns how many clients have come along.
std::size_t restore(
    Snapshot snapshot, std::span<const std::unique_ptr<Shard>> shards, cluster::Bus* bus
);

}  // namespace fanfare::server
