// SPDX-License-Identifier: MIT
#pragma once

#include "reverb/answer.hpp"
#include "reverb/pending_metric.hpp"

#include "fanfare/base/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::cluster {

/// This node's metrics on their way. One is complete when as many nodes have answered as have got
/// it, which Redis tells.
class ReverbAsks {
public:
    /// What the nodes said; null if nobody did. `is_partial`: some did not.
    using Done = std::function<void(const reverb::AnswerMerge*, bool is_partial)>;

    void add(std::string key, reverb::MetricType type, Clock::TimePoint deadline, Done done);

    /// How many nodes got the metric. Perhaps they have answered already.
    void on_count(const std::string& key, std::int64_t nodes);

    /// Ignored if nobody here has asked.
    void on_answer(const std::string& key, std::string_view payload);

    void give_up_on_late(Clock::TimePoint now);
    void give_up_on_all();

private:
    struct Ask {
        reverb::AnswerMerge merge;
        Clock::TimePoint deadline;
        Done done;
        std::int64_t answers = 0;
        std::optional<std::int64_t> expected = {};
    };

    using Asks = std::map<std::string, Ask>;

    void finish_if_complete(Asks::iterator ask);
    void finish(Asks::iterator ask, bool is_partial);

    Asks asks_;
};

}  // namespace fanfare::cluster
