// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"

#include <set>
#include <utility>

namespace fanfare::sessions {

class Session;

/// The sessions of a shard that have to prove themselves, and until when. Few: only those that have
/// not yet, of apps that ask for it.
class Deadlines {
public:
    void add(Clock::TimePoint end, Session& session) { ends_.emplace(end, &session); }

    void remove(Clock::TimePoint end, Session& session) { ends_.erase({end, &session}); }

    /// Takes one that is over at `now`; null if there is none.
    Session* take(Clock::TimePoint now) {
        if (ends_.empty() || ends_.begin()->first > now) return nullptr;
        return ends_.extract(ends_.begin()).value().second;
    }

private:
    std::set<std::pair<Clock::TimePoint, Session*>> ends_;
};

}  // namespace fanfare::sessions
