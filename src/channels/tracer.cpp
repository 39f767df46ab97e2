// SPDX-License-Identifier: MIT
#include "fanfare/channels/tracer.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::channels {

bool Tracer::Wish::covers(const Event& event) const {
    return (!app || *app == event.app) && (!socket_id || socket_id == event.socket_id) &&
           (channel.empty() || channel == event.channel);
}

void Tracer::add(std::uint64_t id, Wish wish, Tell tell) {
    watchers_.push_back({id, std::move(wish), std::move(tell)});
}

void Tracer::remove(std::uint64_t id) {
    std::erase_if(watchers_, [id](const Watcher& watcher) { return watcher.id == id; });
}

bool Tracer::watches(protocol::SocketId socket_id) const {
    return std::any_of(watchers_.begin(), watchers_.end(), [&](const Watcher& watcher) {
        return watcher.wish.socket_id == socket_id;
    });
}

void Tracer::tell(const Event& event) const {
    for (const Watcher& watcher : watchers_) {
        if (watcher.wish.covers(event)) watcher.tell(event);
    }
}

}  // namespace fanfare::channels
