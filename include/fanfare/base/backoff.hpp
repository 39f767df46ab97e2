// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/random.hpp"

#include <chrono>

namespace fanfare {

/// How long to wait before the next attempt: 50 ms at first, doubling to 5 s. Half of it is random,
/// so that several nodes do not come back in step.
class Backoff {
public:
    explicit Backoff(RandomSource random);

    [[nodiscard]] std::chrono::milliseconds next();

    void reset();

private:
    RandomSource random_;
    std::chrono::milliseconds delay_;
};

}  // namespace fanfare
