// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fanfare::config {

/// A setting as the reference shows it, in whatever markup.
struct ReferenceRow {
    std::string_view key;
    std::string_view env;
    std::string_view flag;
    std::string initial;  ///< the default
    std::string accepts;
    std::string_view doc;
};

struct ReferenceSection {
    std::string title;
    std::vector<std::string> paragraphs;
    bool has_variables = true;
    std::vector<ReferenceRow> rows;
};

[[nodiscard]] std::vector<ReferenceSection> reference_sections();

}  // namespace fanfare::config
