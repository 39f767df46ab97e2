// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"
#include "fanfare/doctor/finding.hpp"

#include <string>

namespace fanfare::doctor {

/// What is in force. `tls_trouble`: why its certificates cannot be used, or empty.
[[nodiscard]] Findings judge_configuration(
    const config::Loaded& loaded, const std::string& tls_trouble
);

/// It cannot be loaded.
[[nodiscard]] Finding judge_broken_configuration(const std::string& trouble);

}  // namespace fanfare::doctor
