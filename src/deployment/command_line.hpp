// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/deployment/files.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace fanfare::deployment {

/// The daemon's command line for a file in which these characters are doubled to mean themselves,
/// and a word with others than the usual ones stands in double quotes.
[[nodiscard]] std::string command_line(const Service& service, std::string_view doubled);

/// How long a stop may take: the drain window, then the last clients and webhooks.
[[nodiscard]] std::chrono::seconds stop_patience(const config::Settings& settings);

}  // namespace fanfare::deployment
