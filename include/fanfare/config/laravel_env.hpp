// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/environment.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace fanfare::config {

/// A variable that says something, and where it stands: `environment`, or FILE:LINE of a `.env`.
struct Variable {
    std::string value;
    std::string where;
};

/// By name.
using LaravelEnv = std::map<std::string, Variable, std::less<>>;

/// What Laravel's `env()` sees with this `.env` file, which may be missing: the process environment
/// over it. Throws ConfigError if the file cannot be read or is no `.env`.
[[nodiscard]] LaravelEnv read_laravel_env(
    const std::filesystem::path& file, const Environment& environment
);

}  // namespace fanfare::config
