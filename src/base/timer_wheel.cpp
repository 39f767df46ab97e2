// SPDX-License-Identifier: MIT
#include "fanfare/base/timer_wheel.hpp"

#include <algorithm>

namespace fanfare {

std::uint32_t TimerWheel::tick_of(TimePoint time) const {
    return static_cast<std::uint32_t>((time - start_) / tick);
}

void TimerWheel::arm(Timer& timer, TimePoint now, std::chrono::milliseconds delay) {
    timer.cancel_timer();
    // The first tick that is not before the deadline.
    const auto due = now - start_ + delay;
    const auto due_tick = static_cast<std::uint32_t>((due + tick - TimePoint::duration{1}) / tick);
    timer.deadline_tick_ = std::max(due_tick, current_tick_ + 1);
    slots_[timer.deadline_tick_ % slot_count].push_back(timer);
}

void TimerWheel::advance(TimePoint now) {
    const std::uint32_t target = tick_of(now);
    while (current_tick_ < target) {
        ++current_tick_;
        // Moved out first: a timer may re-arm itself into the same slot, for a later turn of the
        // wheel.
        Slot due;
        due.swap(slots_[current_tick_ % slot_count]);
        while (!due.empty()) {
            Timer& timer = due.front();
            due.pop_front();
            if (timer.deadline_tick_ > current_tick_) {
                slots_[timer.deadline_tick_ % slot_count].push_back(timer);
                continue;
            }
            try {
                timer.on_timer();
            } catch (...) {
                Slot& next = slots_[(current_tick_ + 1) % slot_count];
                next.splice(next.begin(), due);
                throw;
            }
        }
    }
}

}  // namespace fanfare
