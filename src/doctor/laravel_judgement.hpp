// SPDX-License-Identifier: MIT
#pragma once

#include "laravel.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

#include <string>

namespace fanfare::doctor {

/// The one that Laravel's id names; null if the configuration has none.
[[nodiscard]] const config::AppSettings* app_of(
    const Laravel& laravel, const config::Settings& settings
);

/// Whether it is one of the app's keys, be it a previous one.
[[nodiscard]] bool has_key(const config::AppSettings& app, const std::string& key);

/// Does it broadcast, and over this server?
[[nodiscard]] Findings judge_driver(const Laravel& laravel);

/// Are id, key and secret those of an app of the server?
[[nodiscard]] Findings judge_credentials(const Laravel& laravel, const config::Settings& settings);

/// Does it publish to an address where the server can be?
[[nodiscard]] Findings judge_publishing(const Laravel& laravel, const config::Settings& settings);

/// Do browsers get key and address?
[[nodiscard]] Findings judge_browsers(const Laravel& laravel, const config::Settings& settings);

}  // namespace fanfare::doctor
