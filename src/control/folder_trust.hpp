// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace fanfare::control {

/// Why a socket in this folder may be somebody else's, as what lies in /tmp may be a trap: words to
/// follow its name. Null if the folder is this user's or root's, and only theirs to write in.
[[nodiscard]] const char* distrust_of(const std::filesystem::path& folder);

}  // namespace fanfare::control
