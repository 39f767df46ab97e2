// SPDX-License-Identifier: MIT
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fanfare {

class TimerWheel;

/// Something that wants to be woken later. It costs its owner two links and a deadline, and leaves
/// the wheel by itself when destroyed.
class Timer : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void cancel_timer() { unlink(); }

protected:
    virtual ~Timer() = default;

private:
    friend class TimerWheel;

    /// Called once, on the shard, at or up to one tick after the deadline. May re-arm or destroy
    /// itself.
    virtual void on_timer() = 0;

    std::uint32_t deadline_tick_ = 0;
};

/// Coarse timers of one shard: arming and cancelling are O(1) and allocate nothing, so that each
/// connection can have one. Time is passed in; a timer never fires early.
class TimerWheel {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds tick{100};

    explicit TimerWheel(TimePoint start) : start_(start) {}

    /// (Re)arms `timer` to fire `delay` after `now`.
    void arm(Timer& timer, TimePoint now, std::chrono::milliseconds delay);

    /// Fires everything whose deadline is at or before `now`. An exception of a timer passes
    /// through; what is due besides fires with the next call that reaches another tick.
    void advance(TimePoint now);

private:
    using Slot = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;
    static constexpr std::size_t slot_count =
        1'024;  // 102 s a turn: a ping interval passes it once

    [[nodiscard]] std::uint32_t tick_of(TimePoint time) const;

    TimePoint start_;
    std::uint32_t current_tick_ = 0;
    std::array<Slot, slot_count> slots_;
};

}  // namespace fanfare
