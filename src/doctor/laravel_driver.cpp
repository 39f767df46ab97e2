// SPDX-License-Identifier: MIT
#include "findings.hpp"
#include "laravel_judgement.hpp"

#include <optional>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "laravel";

bool is_broadcaster(const std::string& driver) {
    return driver == "reverb" || driver == "pusher";
}

/// Two names, of which each Laravel reads one.
std::optional<Finding> judge_names(const Laravel& laravel) {
    const auto* connection = laravel.find("BROADCAST_CONNECTION");
    const auto* older = laravel.find("BROADCAST_DRIVER");
    if (!laravel.driver_variable.empty() || older == nullptr) return std::nullopt;
    if (connection == nullptr) {
        return warning(
            area,
            older->where + ": BROADCAST_DRIVER is set, BROADCAST_CONNECTION is not",
            "Laravel 11 and later read BROADCAST_CONNECTION only, and then broadcast nowhere.",
            "BROADCAST_CONNECTION=" + older->value + " in " + laravel.env_file.string()
        );
    }
    if (connection->value == older->value) return std::nullopt;
    return warning(
        area,
        "BROADCAST_CONNECTION is " + connection->value + ", BROADCAST_DRIVER is " + older->value,
        "Laravel 11 and later read the first, earlier ones the second.",
        "Remove BROADCAST_DRIVER (" + older->where + "), or make both the same."
    );
}

}  // namespace

Findings judge_driver(const Laravel& laravel) {
    Findings findings;
    const std::string variable =
        laravel.driver_variable.empty() ? "BROADCAST_CONNECTION" : laravel.driver_variable;
    const std::string driver = laravel.driver();
    if (is_broadcaster(driver)) {
        findings.push_back(ok(area, "broadcasts with the driver " + driver));
    } else {
        findings.push_back(error(
            area,
            laravel.where(variable) + ": " + variable +
                (driver.empty() ? " is not set" : " is " + driver),
            "Laravel does not broadcast to this server: events go to the log, or nowhere.",
            variable + "=reverb in " + laravel.where(variable) +
                ", then php artisan config:clear, and restart the queue workers"
        ));
    }
    if (auto names = judge_names(laravel)) findings.push_back(std::move(*names));
    if (laravel.has_stale_cache) {
        findings.push_back(warning(
            area,
            laravel.env_file.string() + " is newer than bootstrap/cache/config.php",
            "With a cached configuration Laravel does not read .env: the changes have no effect.",
            "php artisan config:cache, and restart the queue workers (php artisan queue:restart)"
        ));
    }
    return findings;
}

}  // namespace fanfare::doctor
