// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"
#include "variables.hpp"

#include <filesystem>

namespace fanfare::config {

/// With the driver `laravel`: the database that the app of the `.env` uses, from DB_CONNECTION,
/// DB_URL, DB_HOST and so on, as Laravel's config/database.php reads them. What `apps_database`
/// says itself stays. `base` is where the `.env` is. Throws ConfigError.
void take_laravel_database(
    const Variables& variables, const std::filesystem::path& base, Drafts& drafts
);

/// What the rule of one setting cannot know. Throws ConfigError.
void check_apps_database(const Draft<Settings>& daemon);

}  // namespace fanfare::config
