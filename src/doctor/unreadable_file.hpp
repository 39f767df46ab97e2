// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/error.hpp"
#include "fanfare/doctor/finding.hpp"

#include <string>

namespace fanfare::doctor {

/// Its owner has to ask. `why`: what comes of not having read it.
[[nodiscard]] Finding judge_unreadable_file(
    std::string area, const config::UnreadableFile& trouble, std::string why
);

}  // namespace fanfare::doctor
