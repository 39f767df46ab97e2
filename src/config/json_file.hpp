// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"

#include <string>
#include <string_view>

namespace fanfare::config {

/// Puts what a JSON configuration says into the drafts. Comments are allowed, `null` is "not set".
/// Throws ConfigError for bad syntax (`FILE:LINE:COLUMN: …`), unknown keys and wrong values.
void apply_json(std::string_view text, const std::string& file_name, Drafts& drafts);

}  // namespace fanfare::config
