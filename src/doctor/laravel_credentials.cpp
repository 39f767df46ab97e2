// SPDX-License-Identifier: MIT
#include "findings.hpp"
#include "laravel_judgement.hpp"

#include "fanfare/config/error.hpp"

#include <algorithm>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "laravel";

using config::AppSettings;
using config::printable;

/// While a secret is replaced its key is there twice, and the server takes both.
bool has_pair(const AppSettings& app, const std::string& key, const std::string& secret) {
    const auto& previous = app.previous_keys;
    return (app.key == key && app.secret == secret) ||
           std::find(previous.begin(), previous.end(), key + ":" + secret) != previous.end();
}

std::string names_of(const std::vector<AppSettings>& apps) {
    std::string names;
    for (const AppSettings& app : apps) names += (names.empty() ? "" : ", ") + printable(app.id);
    return names.empty() ? "none" : names;
}

Finding judge_key(const Laravel& laravel, const AppSettings& app) {
    const std::string prefix = laravel.prefix();
    const std::string key = laravel.get(prefix + "_APP_KEY");
    if (!has_key(app, key)) {
        return error(
            area,
            laravel.where(prefix + "_APP_KEY") + ": " + prefix + "_APP_KEY is " + printable(key) +
                ", which is no key of the app " + printable(app.id),
            "The server answers Laravel with 401 and clients with error 4001.",
            prefix + "_APP_KEY=" + app.key + " in " + laravel.where(prefix + "_APP_KEY")
        );
    }
    if (!has_pair(app, key, laravel.get(prefix + "_APP_SECRET"))) {
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

const AppSettings* app_of(const Laravel& laravel, const config::Settings& settings) {
    const std::string id = laravel.get(laravel.prefix() + "_APP_ID");
    const auto& apps = settings.apps;
    const auto app = std::find_if(apps.begin(), apps.end(), [&id](const AppSettings& each) {
        return each.id == id;
    });
    return app == apps.end() ? nullptr : &*app;
}

bool has_key(const AppSettings& app, const std::string& key) {
    const auto keys = config::keys_of(app);
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

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
    if (const AppSettings* app = app_of(laravel, settings)) return {judge_key(laravel, *app)};
    // Whether the database has it, the database is asked.
    if (settings.apps_database.driver != config::DatabaseDriver::none) return {};
    return {error(
        area,
        laravel.where(prefix + "_APP_ID") + ": " + prefix + "_APP_ID is " +
            printable(laravel.get(prefix + "_APP_ID")) + ", which is no app of the server (" +
            names_of(settings.apps) + ")",
        "The server answers Laravel with 404: No matching application for ID.",
        prefix + "_APP_ID of one of these apps in " + laravel.where(prefix + "_APP_ID") +
            ", with its key and secret; or add the app to the server's configuration"
    )};
}

}  // namespace fanfare::doctor
