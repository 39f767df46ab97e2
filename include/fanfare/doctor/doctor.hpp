// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"
#include "fanfare/doctor/finding.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace fanfare::doctor {

/// What is examined.
struct Patient {
    /// The configuration that the server starts with. Throws config::ConfigError.
    std::function<config::Loaded()> load;
    config::Environment environment;
    std::filesystem::path laravel = ".";    ///< an app's folder, or its .env
    bool is_laravel_named = false;          ///< somebody says that it is an app's
    std::optional<std::string> public_url;  ///< where clients and Laravel find the server
};

/// Looks at a server from the configuration to an event that arrives, as it is on this machine. It
/// reads files, asks the server, Redis and the database, and publishes one event in a channel that
/// nobody has. Takes seconds where somebody does not answer.
[[nodiscard]] Findings examine(const Patient& patient);

}  // namespace fanfare::doctor
