// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/webhooks/event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace fanfare::webhooks {

/// Events in the order of their arrival. Client events are kept apart, so that one of them can be
/// the first to go without a search.
class EventQueue {
public:
    using TimePoint = Clock::TimePoint;

    void push(Event event, TimePoint now);

    /// Takes the oldest out. The queue must not be empty.
    Event pop();

    /// Drops the oldest client event, or the oldest event if there is none. The queue must not be
    /// empty.
    void drop();

    /// When the oldest arrived. The queue must not be empty.
    [[nodiscard]] TimePoint oldest() const;

    [[nodiscard]] std::size_t size() const { return client_events_.size() + others_.size(); }

    [[nodiscard]] bool is_empty() const { return size() == 0; }

    /// What the events occupy, more or less.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        std::uint64_t serial;
        TimePoint arrived;
        Event event;
    };

    using Entries = std::deque<Entry>;

    static std::size_t bytes_of(const Event& event);
    [[nodiscard]] bool is_client_event_next() const;
    Event take(Entries& entries);

    Entries client_events_;
    Entries others_;
    std::uint64_t next_serial_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace fanfare::webhooks
