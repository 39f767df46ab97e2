// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace fanfare::server {

/// Says to a process that is started by one with a guardian that it has one too.
inline constexpr const char* guarded_variable = "_FANFARE_GUARDED";

/// Whether this process is the one that its starter waits for, so that it is to stay as the
/// guardian of its successor.
[[nodiscard]] bool becomes_guardian();

/// From now on: those signals that a daemon hears.
void pass_signals_to(pid_t successor);

}  // namespace fanfare::server
