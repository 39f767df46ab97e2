// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"

#include <string>

/// Connections as they pass from one process to the next, which goes on where the last one was
/// while the clients notice nothing. The descriptor is shared until the last one ends.
namespace fanfare::transport {

struct PassedConnection {
    int fd = -1;         ///< the old process's
    std::string input;   ///< read, and not used so far
    std::string output;  ///< still to be sent
};

/// One between two requests.
struct PassedHttp : PassedConnection {
    IpAddress address;  ///< of the client, as far as it is known
    bool is_proxy = false;
    bool sends_header = false;  ///< a ProxyHeader is still to come
    bool speaks_tls = false;    ///< is about to: nothing of it has come yet
};

/// One that is open.
struct PassedWebSocket : PassedConnection {
    bool uses_control_frames = false;
    bool is_ping_pending = false;
};

}  // namespace fanfare::transport
