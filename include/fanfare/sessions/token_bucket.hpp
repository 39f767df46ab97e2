// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace fanfare::sessions {

/// Lets `rate` events pass in a second, and as many at once after a second of rest. Begins full.
class TokenBucket {
public:
    /// Takes a token for one event; false if there is none.
    [[nodiscard]] bool take(Clock::TimePoint now, std::uint32_t rate) {
        constexpr std::chrono::nanoseconds second = std::chrono::seconds{1};
        const std::chrono::nanoseconds price = second / std::max(rate, 1U);
        // Kept as the moment at which the bucket will be full again, which needs no fractions.
        const Clock::TimePoint full_at = std::max(full_at_, now) + price;
        if (full_at - now > second) return false;
        full_at_ = full_at;
        return true;
    }

private:
    Clock::TimePoint full_at_;
};

}  // namespace fanfare::sessions
