// SPDX-License-Identifier: MIT
#include "event_queue.hpp"

#include <cassert>
#include <utility>

namespace fanfare::webhooks {

void EventQueue::push(Event event, TimePoint now) {
    bytes_ += bytes_of(event);
    Entries& entries = event.name == "client_event" ? client_events_ : others_;
    entries.push_back({next_serial_++, now, std::move(event)});
}

Event EventQueue::pop() {
    assert(!is_empty());
    return take(is_client_event_next() ? client_events_ : others_);
}

void EventQueue::drop() {
    assert(!is_empty());
    take(client_events_.empty() ? others_ : client_events_);
}

EventQueue::TimePoint EventQueue::oldest() const {
    assert(!is_empty());
    return (is_client_event_next() ? client_events_ : others_).front().arrived;
}

std::size_t EventQueue::bytes_of(const Event& event) {
    return sizeof(Entry) + event.channel.size() + event.json.size();
}

bool EventQueue::is_client_event_next() const {
    if (client_events_.empty() || others_.empty()) return others_.empty();
    return client_events_.front().serial < others_.front().serial;
}

Event EventQueue::take(Entries& entries) {
    Event event = std::move(entries.front().event);
    entries.pop_front();
    bytes_ -= bytes_of(event);
    return event;
}

}  // namespace fanfare::webhooks
