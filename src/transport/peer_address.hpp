// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"

#include <sys/socket.h>

namespace fanfare::transport {

[[nodiscard]] IpAddress address_of(const sockaddr_storage& peer);

/// Who is at the other end of a connected socket; `::` if nobody is any longer.
[[nodiscard]] IpAddress peer_address(int fd);

}  // namespace fanfare::transport
