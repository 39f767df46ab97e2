// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace fanfare::config {

/// What the table of settings says, as the Markdown of docs/configuration.md.
[[nodiscard]] std::string reference_page();

/// The same as the manual page fanfare.json(5).
[[nodiscard]] std::string reference_man_page();

}  // namespace fanfare::config
