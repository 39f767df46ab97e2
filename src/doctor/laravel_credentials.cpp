// SPDX-License-Identifier: MIT
#include "findings.hpp"
#include "laravel_judgement.hpp"

#include "fanfare/config/error.hpp"

#include <algorithm>
#include <optional>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "laravel";

using config::AppSettings;
using config::printable;

/// The secret that belongs to one of the app's keys; nothing if the key is not one.
std::optional<std::string> secret_of(const AppSettings& app, const std::string& key) {
    if (app.key == key) return app.secret;
    for (const std::string& pair : app.previous_keys) {
        if (pair.starts_with(key + ":")) return pair.substr(key.size() + 1);
    }
    return std::nullopt;
}

std::string names_of(const std::vector<AppSettings>& apps) {
    std::string names;
    for (const AppSettings& app : apps) names += (names.empty() ? "" : ", ") + printable(app.id);
    return names.empty() ? "none" : names;
}

Finding judge_key(const Laravel& laravel, const AppSettings& app) {
    const std::string prefix = laravel.prefix();
    const std::string key = laravel.get(prefix + "_APP_KEY");
    const auto secret = secret_of(app, key);
    if (!secret) {
        return error(
            area,
            laravel.where(prefix + "_APP_KEY") + ": " + prefix + "_APP_KEY is " + printable(key) +
                ", which is no key of the app " + printable(app.id),
            "The server answers Laravel with 401 and clients with error 4001.",
            prefix + "_APP_KEY=" + app.key + " in " + laravel.where(prefix + "_APP_KEY")
        );
    }
    if (*secret != laravel.get(prefix + "_APP_SECRET")) {
        return error(
            area,
            laravel.where(prefix + "_APP_SECRET") + ": " + prefix +
                "_APP_SECRET is not the secret that the app " + printable(app.id) +
                " has on the server",
            "Every signature is wrong: publishing gets 401, private channels get AuthError.",
            "Copy the secret of the app from the server's configuration (fanfare check says where "
            "it is from) to " +
                prefix + "_APP_SECRET in " + laravel.where(prefix + "_APP_SECRET")
        );
    }
    return ok(area, "id, key and secret are those of the app " + printable(app.id));
}

}  // namespace

Findings judge_credentials(const Laravel& laravel, const config::Settings& settings) {
    const std::string prefix = laravel.prefix();
    for (const char* name : {"_APP_ID", "_APP_KEY", "_APP_SECRET"}) {
        if (laravel.find(prefix + name) != nullptr) continue;
        return {error(
            area,
            laravel.env_file.string() + ": " + prefix + name + " is missing",
            "Laravel signs what it publishes with id, key and secret of an app.",
            prefix + name + "=… in " + laravel.env_file.string() +
                ", with the value of the server's configuration; php artisan reverb:install "
                "makes all three"
        )};
    }
    const std::string id = laravel.get(prefix + "_APP_ID");
    const auto& apps = settings.apps;
    const auto app = std::find_if(apps.begin(), apps.end(), [&id](const AppSettings& each) {
        return each.id == id;
    });
    if (app != apps.end()) return {judge_key(laravel, *app)};
    // Whether the database has it, the database is asked.
    if (settings.apps_database.driver != config::DatabaseDriver::none) return {};
    return {error(
        area,
        laravel.where(prefix + "_APP_ID") + ": " + prefix + "_APP_ID is " + printable(id) +
            ", which is no app of the server (" + names_of(apps) + ")",
        "The server answers Laravel with 404: No matching application for ID.",
        prefix + "_APP_ID of one of these apps in " + laravel.where(prefix + "_APP_ID") +
            ", with its key and secret; or add the app to the server's configuration"
    )};
}

}  // namespace fanfare::doctor
