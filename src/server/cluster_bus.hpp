// SPDX-License-Identifier: MIT
#pragma once

#include "shard.hpp"

#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/config/settings.hpp"

#include <memory>
#include <string>

namespace fanfare::server {

/// What keeps clusters in one Redis apart: topics are common to all databases of a server.
[[nodiscard]] std::string cluster_name(const config::ScalingSettings& scaling);

/// This node's part in the cluster that the settings name, Fanfare's or Reverb's; null if it is to
/// be alone. What it is given outlives it.
[[nodiscard]] std::unique_ptr<cluster::Bus> make_bus(
    Common& common, unsigned shards, channels::ShardLinks& links
);

}  // namespace fanfare::server
