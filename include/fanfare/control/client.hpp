// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/control/request.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

namespace fanfare::control {

inline constexpr std::chrono::seconds usual_patience{10};

/// Asks the server that listens at one of `paths` and returns its result. Throws
/// std::runtime_error with a line for people: nobody there, not allowed, no answer within
/// `patience`, or what the server says against it. Of several paths, one in a folder of /tmp counts
/// only if that is one's own.
[[nodiscard]] Json ask(
    const std::vector<std::filesystem::path>& paths,
    const Request& request,
    std::chrono::seconds patience = usual_patience
);

/// The same for a command after whose answer events follow: calls `on_event` with each, until the
/// server is gone. The answer is the first.
void follow(
    const std::vector<std::filesystem::path>& paths,
    const Request& request,
    const std::function<void(const Json&)>& on_event
);

}  // namespace fanfare::control
