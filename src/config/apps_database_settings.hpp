// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/table.hpp"

#include <span>

namespace fanfare::config {

/// The rows of `apps_database.*`, which are part of the daemon's table.
std::span<const Setting<Settings>> apps_database_rows();

}  // namespace fanfare::config
