// SPDX-License-Identifier: MIT
#include "fanfare/channels/lingering.hpp"

#include <utility>

namespace fanfare::channels {

/// Of both; no channel's name has a line break.
std::string Lingering::key_of(ChannelRef channel, std::string_view user_id) {
    std::string key(channel.name);
    if (!user_id.empty()) key.append(1, '\n').append(user_id);
    return key;
}

void Lingering::add(Gone gone, Clock::TimePoint until) {
    ChannelKey key(gone.channel.app, key_of(gone.channel, gone.user_id));
    const auto place = queue_.emplace(until, std::move(gone));
    places_.emplace(std::move(key), place);
}

bool Lingering::take(ChannelRef channel, std::string_view user_id) {
    const std::string key = key_of(channel, user_id);
    const auto found = places_.find(ChannelRef{channel.app, key});
    if (found == places_.end()) return false;
    queue_.erase(found->second);
    places_.erase(found);
    return true;
}

bool Lingering::has(ChannelRef channel, std::string_view user_id) const {
    const std::string key = key_of(channel, user_id);
    return places_.contains(ChannelRef{channel.app, key});
}

std::vector<PassedAbsence> Lingering::pass(Clock::TimePoint now) const {
    std::vector<PassedAbsence> passed;
    for (const auto& [until, gone] : queue_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        passed.push_back({gone.channel, gone.user_id, left});
    }
    return passed;
}

std::vector<Lingering::Gone> Lingering::take_due(Clock::TimePoint now) {
    std::vector<Gone> due;
    while (!queue_.empty() && queue_.begin()->first <= now) {
        const Gone& gone = queue_.begin()->second;
        const std::string key = key_of(gone.channel, gone.user_id);
        places_.erase(places_.find(ChannelRef{gone.channel.app, key}));
        due.push_back(std::move(queue_.extract(queue_.begin()).mapped()));
    }
    return due;
}

}  // namespace fanfare::channels
