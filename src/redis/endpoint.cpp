// SPDX-License-Identifier: MIT
#include "endpoint.hpp"

namespace fanfare::redis {

std::string to_string(const Endpoint& endpoint) {
    if (!endpoint.unix_path.empty()) return endpoint.unix_path;
    const bool has_colon = endpoint.host.find(':') != std::string::npos;
    return (has_colon ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
           std::to_string(endpoint.port);
}

}  // namespace fanfare::redis
