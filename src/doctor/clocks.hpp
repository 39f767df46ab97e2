// SPDX-License-Identifier: MIT
#pragma once

#include "visit.hpp"

#include "fanfare/doctor/finding.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::doctor {

/// Somebody else's clock.
struct ClockReading {
    std::string whose;
    std::chrono::seconds ahead{0};  ///< of this machine's; negative: behind
};

/// From the Date of the answer, if it has one.
[[nodiscard]] std::optional<ClockReading> read_clock(std::string whose, const Visit& visit);

/// `tolerance` of the server for what is signed; 0: it does not look.
[[nodiscard]] Findings judge_clocks(
    const std::vector<ClockReading>& readings, std::chrono::seconds tolerance
);

}  // namespace fanfare::doctor
