// SPDX-License-Identifier: MIT
#include "retry_policy.hpp"

#include <algorithm>
#include <cstdint>

namespace fanfare::webhooks {

namespace {

constexpr std::chrono::minutes patience{5};
constexpr std::chrono::milliseconds first_delay{1'000};
constexpr std::chrono::milliseconds max_delay{60'000};

}  // namespace

RetryPolicy::RetryPolicy(TimePoint first_attempt)
    : end_(first_attempt + patience), delay_(first_delay) {}

std::optional<RetryPolicy::TimePoint> RetryPolicy::next(TimePoint now, const RandomSource& random) {
    const auto quarter = static_cast<std::uint64_t>(delay_.count() / 4);
    const TimePoint at = now + delay_ + std::chrono::milliseconds(random() % (quarter + 1));
    delay_ = std::min(delay_ * 2, max_delay);
    return at > end_ ? std::nullopt : std::optional(at);
}

}  // namespace fanfare::webhooks
