// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace fanfare::redis {

/// Whether an error says that this server is the wrong one to ask, or lacks what was loaded into
/// it: everything has to be found and set up anew.
[[nodiscard]] bool is_refusal(std::string_view error);

}  // namespace fanfare::redis
