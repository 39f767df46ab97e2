// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace fanfare {

/// Where time comes from; passed in, so that tests turn it by hand.
class Clock {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    virtual ~Clock() = default;

    [[nodiscard]] virtual TimePoint now() const = 0;

    /// Seconds since 1970, for what is compared with other machines.
    [[nodiscard]] virtual std::chrono::seconds unix_time() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }

    [[nodiscard]] std::chrono::seconds unix_time() const override {
        return std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch()
        );
    }
};

}  // namespace fanfare
