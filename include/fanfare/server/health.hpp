// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/probe/target.hpp"

namespace fanfare::server {

/// Where a client on this machine finds the server that runs with these settings, and how it has to
/// begin.
[[nodiscard]] probe::Target local_target(const config::ServerSettings& settings);

/// Asks the server that runs with these settings on this machine for `GET /up`. Throws
/// std::runtime_error, with a line for the operator, if it does not say yes within a few seconds.
/// Of a server that wants certificates of its clients, TLS that begins is all that is asked for.
void require_up(const config::ServerSettings& settings);

}  // namespace fanfare::server
