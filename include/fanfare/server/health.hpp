// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

namespace fanfare::server {

/// Asks the server that runs with these settings on this machine for `GET /up`. Throws
/// std::runtime_error, with a line for the operator, if it does not say yes within a few seconds.
/// Of a server that wants certificates of its clients, TLS that begins is all that is asked for.
void require_up(const config::ServerSettings& settings);

}  // namespace fanfare::server
