// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/redis/options.hpp"

namespace fanfare::server {

/// How a node reaches the Redis that the settings tell of.
[[nodiscard]] redis::Options redis_options(const config::ScalingSettings& scaling);

}  // namespace fanfare::server
