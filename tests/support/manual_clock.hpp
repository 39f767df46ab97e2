// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <chrono>

namespace fanfare::testing {

/// A clock that a test turns by hand.
class ManualClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return TimePoint{} + passed_; }

    [[nodiscard]] std::chrono::milliseconds unix_time() const override { return passed_; }

    void advance(std::chrono::milliseconds time) { passed_ += time; }

private:
    std::chrono::milliseconds passed_{1'000'000};
};

}  // namespace fanfare::testing
