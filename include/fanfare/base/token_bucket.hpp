// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace fanfare {

/// Lets `rate` events pass in a second, and as many at once after a second of rest. Begins full.
class TokenBucket {
public:
    /// Takes a token for one event; false if there is none.
    [[nodiscard]] bool take(Clock::TimePoint now, std::uint32_t rate) {
        const auto full_at = after_one(full_at_, now, rate);
        full_at_ = full_at.value_or(full_at_);
        return full_at.has_value();
    }

    /// When the bucket will be full again once a token has been taken; nothing if there is none.
    /// Kept like this, a bucket needs neither fractions nor a second number.
    static std::optional<Clock::TimePoint> after_one(
        Clock::TimePoint full_at, Clock::TimePoint now, std::uint32_t rate
    ) {
        constexpr std::chrono::nanoseconds second = std::chrono::seconds{1};
        const std::chrono::nanoseconds price = second / std::max(rate, 1U);
        const Clock::TimePoint later = std::max(full_at, now) + price;
        if (later - now > second) return std::nullopt;
        return later;
    }

private:
    Clock::TimePoint full_at_;
};

/// The same for several threads, between which it is exact.
class SharedTokenBucket {
public:
    [[nodiscard]] bool take(Clock::TimePoint now, std::uint32_t rate) {
        Clock::TimePoint before = full_at_.load(std::memory_order_relaxed);
        while (const auto after = TokenBucket::after_one(before, now, rate)) {
            if (full_at_.compare_exchange_weak(before, *after, std::memory_order_relaxed)) {
                return true;
            }
        }
        return false;
    }

private:
    std::atomic<Clock::TimePoint> full_at_{};
};

}  // namespace fanfare
