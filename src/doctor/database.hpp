// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/database.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

#include <optional>
#include <string>

namespace fanfare::doctor {

/// What the apps' database knows of an app.
struct DatabaseFacts {
    apps::Database::Outcome outcome = apps::Database::Outcome::unavailable;
    std::string trouble;  ///< what it says instead
    config::SharedAppSettings app;
};

/// Looks the app up by its id.
[[nodiscard]] DatabaseFacts ask_database(
    const config::AppsDatabaseSettings& settings, const std::string& app_id
);

[[nodiscard]] Finding judge_database(const DatabaseFacts& facts, const std::string& app_id);

}  // namespace fanfare::doctor
