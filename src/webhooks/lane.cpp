// SPDX-License-Identifier: MIT
#include "lane.hpp"

#include <cassert>

namespace fanfare::webhooks {

Lane::TimePoint Lane::due() const {
    if (is_under_way_) return never;
    if (!batch_.empty()) return next_attempt_;
    if (queue_.is_empty()) return never;
    const config::WebhookDelivery& delivery = endpoint_->delivery;
    const bool is_waiting =
        delivery.batching && !is_hurried_ && queue_.size() < delivery.batch_size;
    return is_waiting ? queue_.oldest() + delivery.batch_window : queue_.oldest();
}

const std::vector<Event>& Lane::begin(TimePoint now) {
    assert(due() <= now);
    is_under_way_ = true;
    if (!batch_.empty()) return batch_;
    const config::WebhookDelivery& delivery = endpoint_->delivery;
    const std::size_t limit = delivery.batching ? delivery.batch_size : 1;
    while (!queue_.is_empty() && batch_.size() < limit) batch_.push_back(queue_.pop());
    retries_.emplace(now);
    return batch_;
}

void Lane::delivered() {
    assert(is_under_way_);
    is_under_way_ = false;
    batch_.clear();
}

bool Lane::failed(TimePoint now, bool is_final, const RandomSource& random) {
    assert(is_under_way_);
    is_under_way_ = false;
    const auto next = is_final || is_retired_ ? std::nullopt : retries_->next(now, random);
    if (next) {
        next_attempt_ = *next;
    } else {
        batch_.clear();
    }
    return next.has_value();
}

}  // namespace fanfare::webhooks
