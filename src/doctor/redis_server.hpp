// SPDX-License-Identifier: MIT
#pragma once

#include "clocks.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace fanfare::doctor {

/// What the Redis of the cluster says of itself.
struct RedisFacts {
    std::string trouble;  ///< why it does not, in its own words if it has any
    std::string version;  ///< empty if it does not tell
    std::chrono::microseconds latency{0};
    std::optional<ClockReading> clock;
};

[[nodiscard]] RedisFacts ask_redis(const config::ScalingSettings& scaling);

[[nodiscard]] Finding judge_redis(const RedisFacts& facts, const config::ScalingSettings& scaling);

}  // namespace fanfare::doctor
