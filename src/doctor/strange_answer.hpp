// SPDX-License-Identifier: MIT
#pragma once

#include "reachability.hpp"

#include "fanfare/deployment/files.hpp"

#include <string>

namespace fanfare::doctor {

/// Whether it is a web page, of which the server has none.
[[nodiscard]] bool is_page(const probe::Answer& answer);

/// There was no answer for `path`.
[[nodiscard]] Finding judge_trouble(
    const Trouble& trouble, const Place& place, const std::string& path
);

/// Somebody else than the server has answered, or one that was asked for something else.
/// `location` is what was asked for.
[[nodiscard]] Finding judge_strange_answer(
    const probe::Answer& answer, const Place& place, deployment::Location location
);

}  // namespace fanfare::doctor
