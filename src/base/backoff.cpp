// SPDX-License-Identifier: MIT
#include "fanfare/base/backoff.hpp"

#include <algorithm>
#include <utility>

namespace fanfare {

namespace {

constexpr std::chrono::milliseconds first_delay{50};
constexpr std::chrono::milliseconds max_delay{5'000};

}  // namespace

Backoff::Backoff(RandomSource random) : random_(std::move(random)), delay_(first_delay) {}

std::chrono::milliseconds Backoff::next() {
    const auto half = static_cast<std::uint64_t>(delay_.count() / 2);
    const auto delay = delay_ / 2 + std::chrono::milliseconds(random_() % (half + 1));
    delay_ = std::min(delay_ * 2, max_delay);
    return delay;
}

void Backoff::reset() {
    delay_ = first_delay;
}

}  // namespace fanfare
