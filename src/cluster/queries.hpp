// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace fanfare::cluster {

/// Questions to Redis that have to be answered in any case: by Redis, or, when it is away or slow,
/// by what this node knows itself.
class Queries {
public:
    /// Returns the number under which the answer is to be taken.
    std::uint64_t ask(Clock::TimePoint deadline, std::function<void()> answer_alone) {
        waiting_.emplace(++last_, std::pair{deadline, std::move(answer_alone)});
        return last_;
    }

    /// False if the question has been answered otherwise.
    bool take(std::uint64_t number) { return waiting_.erase(number) != 0; }

    void give_up_on_all() {
        give_up([](Clock::TimePoint) { return true; });
    }

    void give_up_on_late(Clock::TimePoint now) {
        give_up([now](Clock::TimePoint deadline) { return deadline <= now; });
    }

private:
    template <typename IsLate>
    void give_up(IsLate is_late) {
        while (!waiting_.empty() && is_late(waiting_.begin()->second.first)) {
            const auto answer_alone = std::move(waiting_.begin()->second.second);
            waiting_.erase(waiting_.begin());
            answer_alone();
        }
    }

    std::uint64_t last_ = 0;
    std::map<std::uint64_t, std::pair<Clock::TimePoint, std::function<void()>>> waiting_;
};

}  // namespace fanfare::cluster
