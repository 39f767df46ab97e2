// SPDX-License-Identifier: MIT
#pragma once

#include "laravel.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>

namespace fanfare::doctor {

/// A server with one app.
inline config::Settings server_with_app() {
    config::Settings settings;
    config::AppSettings app;
    app.id = "shop";
    app.key = "shop-key";
    app.secret = "shop-secret";
    settings.apps.push_back(app);
    return settings;
}

/// What `reverb:install` makes for it, with nginx in front. Each line is one of the file.
inline Laravel laravel_of_app() {
    Laravel laravel;
    laravel.env_file = "/app/.env";
    laravel.driver_variable = "BROADCAST_CONNECTION";
    int line = 0;
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"APP_URL", "https://shop.test"},
             {"BROADCAST_CONNECTION", "reverb"},
             {"REVERB_APP_ID", "shop"},
             {"REVERB_APP_KEY", "shop-key"},
             {"REVERB_APP_SECRET", "shop-secret"},
             {"REVERB_HOST", "ws.shop.test"},
             {"REVERB_PORT", "443"},
             {"REVERB_SCHEME", "https"},
             {"VITE_REVERB_APP_KEY", "shop-key"},
             {"VITE_REVERB_HOST", "ws.shop.test"},
             {"VITE_REVERB_PORT", "443"},
             {"VITE_REVERB_SCHEME", "https"}}) {
        laravel.env[name] = {value, "/app/.env:" + std::to_string(++line)};
    }
    return laravel;
}

inline void set(Laravel& laravel, const std::string& name, const std::string& value) {
    laravel.env[name] = {value, "/app/.env:99"};
}

/// The only one.
inline Finding only(const Findings& findings) {
    EXPECT_EQ(findings.size(), 1U);
    return findings.empty() ? Finding{} : findings.front();
}

/// One that is worth a line has all three.
MATCHER_P3(Says, severity, what, fix, "") {
    const auto has = [](const std::string& text, const std::string& part) {
        return text.find(part) != text.npos;
    };
    *result_listener << arg.what << " | " << arg.why << " | " << arg.fix;
    return arg.severity == severity && has(arg.what, what) && has(arg.fix, fix) &&
           (severity == Severity::ok || !arg.why.empty());
}

}  // namespace fanfare::doctor
