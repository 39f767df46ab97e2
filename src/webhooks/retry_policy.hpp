// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/base/random.hpp"

#include <chrono>
#include <optional>

namespace fanfare::webhooks {

/// When a request that failed is tried again: after 1 s, 2 s, 4 s … 60 s, and up to a quarter more,
/// so that receivers which failed together are not asked together. No attempt begins later than
/// five minutes after the first.
class RetryPolicy {
public:
    using TimePoint = Clock::TimePoint;

    explicit RetryPolicy(TimePoint first_attempt);

    /// After an attempt that failed `now`; nothing if it was the last.
    [[nodiscard]] std::optional<TimePoint> next(TimePoint now, const RandomSource& random);

private:
    TimePoint end_;
    std::chrono::milliseconds delay_;
};

}  // namespace fanfare::webhooks
