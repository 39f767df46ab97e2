// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/laravel_env.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace fanfare::doctor {

/// A Laravel app, as far as its files tell.
struct Laravel {
    std::filesystem::path env_file;
    config::LaravelEnv env;
    /// The variable that its config/broadcasting.php reads: BROADCAST_CONNECTION, in apps made
    /// before Laravel 11 BROADCAST_DRIVER; empty if the file does not tell.
    std::string driver_variable;
    bool has_stale_cache = false;  ///< `config:cache` was run before .env was changed

    /// Null if it is not set.
    [[nodiscard]] const config::Variable* find(std::string_view name) const;

    /// What `env()` gives with this default.
    [[nodiscard]] std::string get(std::string_view name, std::string_view otherwise = {}) const;

    /// Where the variable stands, or would have to.
    [[nodiscard]] std::string where(std::string_view name) const;

    /// What the names of its broadcaster's variables begin with: `REVERB`, or `PUSHER`.
    [[nodiscard]] std::string prefix() const;

    /// The connection that it broadcasts over: `reverb`, `pusher`, `log`, …, or nothing.
    [[nodiscard]] std::string driver() const;
};

/// Reads it. `place` is its folder or its .env, which may be missing. Throws config::ConfigError.
[[nodiscard]] Laravel read_laravel(
    const std::filesystem::path& place, const config::Environment& environment
);

/// Whether there is anything of Laravel's at all: a `.env` alone may be the server's own, unless
/// somebody has named it as an app's.
[[nodiscard]] bool is_there(const Laravel& laravel, bool is_named);

}  // namespace fanfare::doctor
