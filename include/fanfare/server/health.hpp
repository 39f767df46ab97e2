// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

namespace fanfare::server {

/// Asks the server that runs with these settings on this machine for `GET /up`. Throws
/// std::runtime_error, with a line for the operator, if it does not say yes within a few seconds.
void require_up(const config::ServerSettings& settings);

}  // namespace fanfare::server
