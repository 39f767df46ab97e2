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

    /// Since 1970, for what other machines see.
    [[nodiscard]] virtual std::chrono::milliseconds unix_time() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }

    [[nodiscard]] std::chrono::milliseconds unix_time() const override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch()
        );
    }
};

}  // namespace fanfare
