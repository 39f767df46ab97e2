// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/control/request.hpp"

#include <filesystem>
#include <functional>
#include <vector>

namespace fanfare::control {

/// Asks the server that listens at one of `paths` and returns its result. Throws
/// std::runtime_error with a line for people: nobody there, not allowed, no answer in time, or what
/// the server says against it.
[[nodiscard]] Json ask(const std::vector<std::filesystem::path>& paths, const Request& request);

/// The same for a command after whose answer events follow: calls `on_event` with each, until the
/// server is gone. The answer is the first.
void follow(
    const std::vector<std::filesystem::path>& paths,
    const Request& request,
    const std::function<void(const Json&)>& on_event
);

}  // namespace fanfare::control
