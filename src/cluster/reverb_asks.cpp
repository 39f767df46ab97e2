// SPDX-License-Identifier: MIT
#include "reverb_asks.hpp"

#include <iterator>
#include <utility>

namespace fanfare::cluster {

void ReverbAsks::add(
    std::string key, reverb::MetricType type, Clock::TimePoint deadline, Done done
) {
    asks_.emplace(std::move(key), Ask{reverb::AnswerMerge(type), deadline, std::move(done)});
}

void ReverbAsks::on_count(const std::string& key, std::int64_t nodes) {
    const auto ask = asks_.find(key);
    if (ask == asks_.end()) return;
    ask->second.expected = nodes;
    finish_if_complete(ask);
}

void ReverbAsks::on_answer(const std::string& key, std::string_view payload) {
    const auto ask = asks_.find(key);
    if (ask == asks_.end()) return;
    ask->second.merge.add(payload);
    ++ask->second.answers;
    finish_if_complete(ask);
}

void ReverbAsks::finish_if_complete(Asks::iterator ask) {
    const auto& expected = ask->second.expected;
    if (expected && ask->second.answers >= *expected) finish(ask, false);
}

void ReverbAsks::finish(Asks::iterator ask, bool is_partial) {
    const Ask finished = std::move(ask->second);
    asks_.erase(ask);
    finished.done(finished.answers == 0 ? nullptr : &finished.merge, is_partial);
}

void ReverbAsks::give_up_on_late(Clock::TimePoint now) {
    for (auto ask = asks_.begin(); ask != asks_.end();) {
        const auto next = std::next(ask);
        if (ask->second.deadline <= now) finish(ask, true);
        ask = next;
    }
}

void ReverbAsks::give_up_on_all() {
    while (!asks_.empty()) finish(asks_.begin(), true);
}

}  // namespace fanfare::cluster
