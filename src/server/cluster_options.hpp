// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/cluster/node.hpp"
#include "fanfare/cluster/reverb_node.hpp"
#include "fanfare/config/settings.hpp"

#include <string>

namespace fanfare::server {

/// What the settings say of this node's part in a cluster.
[[nodiscard]] cluster::NodeOptions cluster_options(const config::Settings& settings);

/// What keeps clusters in one Redis apart: topics are common to all databases of a server.
[[nodiscard]] std::string cluster_name(const config::ScalingSettings& scaling);

/// The same of a cluster of Reverb's.
[[nodiscard]] cluster::ReverbNodeOptions reverb_options(const config::Settings& settings);

}  // namespace fanfare::server
