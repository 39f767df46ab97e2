// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <filesystem>
#include <vector>

namespace fanfare::control {

/// Where the control socket of a server with these settings may be, best first; none if it shall
/// have none. `auto` stands for `fanfare-{port}.sock` in /run/fanfare, in $XDG_RUNTIME_DIR and in
/// /tmp/fanfare-{user}: the first in which the server can make it.
[[nodiscard]] std::vector<std::filesystem::path> socket_paths(const config::ServerSettings& settings
);

}  // namespace fanfare::control
