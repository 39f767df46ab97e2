// SPDX-License-Identifier: MIT
#pragma once

#include "endpoint.hpp"
#include "event_queue.hpp"
#include "retry_policy.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fanfare::webhooks {

/// The events on their way to an endpoint, one batch at a time.
///
///            due, begin()               delivered(), or given up by failed()
///   waiting ───────────────▶ under way ──────────────────────────────────────▶ waiting
///                            ▲       │ failed()
///            due, begin()    └───────┘ until the next attempt
class Lane {
public:
    using TimePoint = Clock::TimePoint;

    static constexpr TimePoint never = TimePoint::max();

    /// The endpoint is shared with the outbox and with requests under way: settings may change
    /// meanwhile.
    explicit Lane(std::shared_ptr<const Endpoint> endpoint) : endpoint_(std::move(endpoint)) {}

    [[nodiscard]] const std::shared_ptr<const Endpoint>& endpoint() const { return endpoint_; }

    void change(std::shared_ptr<const Endpoint> endpoint) { endpoint_ = std::move(endpoint); }

    void push(Event event, TimePoint now) { queue_.push(std::move(event), now); }

    /// Drops an event that waits; see EventQueue.
    void drop() { queue_.drop(); }

    /// What waits, for others or for its next attempt, is due; from now on nothing waits for
    /// others.
    void hurry() {
        is_hurried_ = true;
        next_attempt_ = {};
    }

    /// From now on no attempt is followed by another.
    void retire() {
        hurry();
        is_retired_ = true;
    }

    /// When there is something to send; `never` while a batch is under way.
    [[nodiscard]] TimePoint due() const;

    /// The batch to send now, the failed one again if there is one. The lane must be due.
    const std::vector<Event>& begin(TimePoint now);

    void delivered();

    /// Whether the batch under way will be tried again.
    [[nodiscard]] bool failed(TimePoint now, bool is_final, const RandomSource& random);

    /// The batch under way, or to be tried again.
    [[nodiscard]] const std::vector<Event>& batch() const { return batch_; }

    [[nodiscard]] std::size_t size() const { return queue_.size() + batch_.size(); }

    [[nodiscard]] bool is_idle() const { return size() == 0; }

    [[nodiscard]] std::size_t queued_bytes() const { return queue_.bytes(); }

private:
    std::shared_ptr<const Endpoint> endpoint_;
    EventQueue queue_;
    std::vector<Event> batch_;
    std::optional<RetryPolicy> retries_;  // of the batch
    TimePoint next_attempt_{};            // of a batch that has failed
    bool is_under_way_ = false;
    bool is_hurried_ = false;
    bool is_retired_ = false;
};

}  // namespace fanfare::webhooks
