// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"

#include <string>

namespace fanfare::redis {

/// For the log: `host:port`, `[address]:port` or the path of the socket.
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

}  // namespace fanfare::redis
