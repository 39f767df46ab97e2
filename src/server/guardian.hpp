// SPDX-License-Identifier: MIT
#pragma once

namespace fanfare::server {

/// Says to a process that is started by one with a guardian that it has one too.
inline constexpr const char* guarded_variable = "_FANFARE_GUARDED";

}  // namespace fanfare::server
