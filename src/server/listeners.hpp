// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fanfare::server {

/// The listening sockets of all shards, and what the log says of them.
struct Listeners {
    std::vector<std::vector<int>> of_shard;
    std::string host;
    std::uint16_t port = 0;
};

/// Binds a socket for each shard, or, if the service manager has `passed` some, gives each shard a
/// descriptor of each of those: then the shards take from one queue, and the settings' host and
/// port are not used. Throws std::runtime_error with a line for the operator.
[[nodiscard]] Listeners open_listeners(
    const config::ServerSettings& server, std::size_t shards, const std::vector<int>& passed
);

/// The sockets of another process: each is some shard's, since all have clients that wait, and each
/// shard has one at least.
[[nodiscard]] Listeners spread_listeners(const std::vector<int>& fds, std::size_t shards);

}  // namespace fanfare::server
