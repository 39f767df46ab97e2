// SPDX-License-Identifier: MIT
// What a shard knows of its channels, on its way from one process to the next.
#include "fanfare/channels/hub.hpp"

#include <utility>

namespace fanfare::channels {

PassedChannels Hub::pass() const {
    const Clock::TimePoint now = clock_.now();
    return {home_.pass(), cache_.pass(now), lingering_.pass(now), counts_.pass()};
}

void Hub::take_over(PassedChannels passed) {
    const Clock::TimePoint now = clock_.now();
    for (const PassedEvent& event : passed.events) cache_.put(event, now);
    for (PassedAbsence& absence : passed.absences) {
        lingering_.add(
            {std::move(absence.channel), std::move(absence.user_id)}, now + absence.time_left
        );
    }
    for (const ChannelKey& channel : passed.counts) counts_.take_over(channel, now);
}

}  // namespace fanfare::channels
