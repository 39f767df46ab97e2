// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <chrono>
#include <cstdint>

namespace fanfare::sessions {

/// Counts events in windows, each of which begins with the first event after the last one ended
/// (Reverb's rate limiter).
class WindowCounter {
public:
    /// Counts one event; true if it is within `limit`.
    [[nodiscard]] bool take(
        Clock::TimePoint now, std::uint32_t limit, std::chrono::seconds window
    ) {
        if (count_ == 0 || now - began_ >= window) {
            began_ = now;
            count_ = 0;
        }
        if (count_ <= limit) ++count_;
        return count_ <= limit;
    }

private:
    Clock::TimePoint began_;
    std::uint32_t count_ = 0;
};

}  // namespace fanfare::sessions
