// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::sessions {

/// Who a connection is signed in as.
struct User {
    std::string id;
    std::string user_info_json;          ///< `{}` if none was given
    std::vector<std::string> watchlist;  ///< users, without repetition
};

struct PassedSubscription {
    std::string channel;  ///< also those that the client does not know of
    std::string user_id;  ///< empty outside presence channels, like the next
    std::string user_id_json;
};

/// A session as it passes from one process to the next: what its client has reached so far. How
/// much it has used of a rate begins anew.
struct PassedSession {
    std::string app_id;
    std::string key;  ///< by which it came
    protocol::SocketId socket_id;
    std::optional<IpAddress> address;  ///< where addresses are limited
    std::optional<User> user;
    std::optional<std::chrono::milliseconds> deadline_left;  ///< for proving itself
    std::vector<PassedSubscription> subscriptions;
};

}  // namespace fanfare::sessions
