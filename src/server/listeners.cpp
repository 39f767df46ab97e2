// SPDX-License-Identifier: MIT
#include "listeners.hpp"

#include "fanfare/transport/listener.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace fanfare::server {

namespace {

int duplicate(int fd) {
    const int other = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (other < 0) {
        throw std::runtime_error(
            std::string("cannot share a listening socket: ") + std::strerror(errno)
        );
    }
    return other;
}

Listeners take_over(std::size_t shards, const std::vector<int>& passed) {
    Listeners listeners;
    for (const int fd : passed) transport::adopt_listener(fd);
    listeners.of_shard.push_back(passed);
    while (listeners.of_shard.size() < shards) {
        std::vector<int>& own = listeners.of_shard.emplace_back();
        for (const int fd : passed) own.push_back(duplicate(fd));
    }
    listeners.host = "passed";
    listeners.port = transport::local_port(passed.front());
    return listeners;
}

}  // namespace

Listeners open_listeners(
    const config::ServerSettings& server, std::size_t shards, const std::vector<int>& passed
) {
    if (!passed.empty()) return take_over(shards, passed);
    transport::require_free_port(server.host, server.port);
    Listeners listeners{{}, server.host, server.port};
    while (listeners.of_shard.size() < shards) {
        const int fd = transport::open_listener(server.host, listeners.port);
        listeners.of_shard.push_back({fd});
        // If it was 0, the others share what the first got.
        listeners.port = transport::local_port(fd);
    }
    return listeners;
}

Listeners spread_listeners(const std::vector<int>& fds, std::size_t shards) {
    Listeners listeners;
    listeners.of_shard.resize(shards);
    for (std::size_t i = 0; i < fds.size(); ++i) {
        listeners.of_shard[i % shards].push_back(fds[i]);
    }
    for (std::size_t i = fds.size(); i < shards; ++i) {
        listeners.of_shard[i].push_back(duplicate(fds[i % fds.size()]));
    }
    listeners.host = "inherited";
    listeners.port = transport::local_port(fds.front());
    return listeners;
}

}  // namespace fanfare::server
