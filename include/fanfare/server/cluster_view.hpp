// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <string>

namespace fanfare::server {

/// The nodes of the cluster that `scaling` tells of, as a table for people or as JSON. Throws
/// std::runtime_error if Redis does not tell.
[[nodiscard]] std::string describe_cluster(const config::ScalingSettings& scaling, bool as_json);

}  // namespace fanfare::server
