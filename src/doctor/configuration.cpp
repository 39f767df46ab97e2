// SPDX-License-Identifier: MIT
#include "configuration.hpp"

#include "findings.hpp"

#include <filesystem>
#include <system_error>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "configuration";

std::string sources_of(const config::Loaded& loaded) {
    std::string names;
    for (const auto& file : loaded.files) {
        std::error_code ignored;  // then it was not read either
        if (!std::filesystem::exists(file, ignored)) continue;
        names += (names.empty() ? " from " : ", ") + file.string();
    }
    return names.empty() ? " from the defaults and the environment" : names;
}

}  // namespace

Findings judge_configuration(const config::Loaded& loaded, const std::string& tls_trouble) {
    const config::Settings& settings = loaded.settings;
    Findings findings;
    for (const std::string& text : loaded.warnings) {
        findings.push_back(warning(
            area,
            text,
            "The server starts, but perhaps not as meant.",
            "fanfare check shows what is in force"
        ));
    }
    const bool has_database = settings.apps_database.driver != config::DatabaseDriver::none;
    if (settings.apps.empty() && !has_database) {
        findings.push_back(error(
            area,
            "no app is configured",
            "The server does not start without one.",
            "REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET in the .env (--env-file), or apps "
            "in a file given by --config"
        ));
    }
    if (!tls_trouble.empty()) {
        findings.push_back(error(
            area,
            tls_trouble,
            "The server does not start, and on reload keeps the old certificate.",
            "The right files, readable by the server's user, the key to the certificate "
            "(FANFARE_TLS_CERTIFICATE_FILE, FANFARE_TLS_KEY_FILE)"
        ));
    }
    if (worst_of(findings) < Severity::error) {
        findings.insert(findings.begin(), ok(area, "is valid," + sources_of(loaded)));
    }
    return findings;
}

Finding judge_broken_configuration(const std::string& trouble) {
    return error(
        area,
        trouble,
        "The server does not start with it; the rest has not been examined.",
        "Correct the place that is named; docs/configuration.md, or fanfare config-reference, "
        "lists what is accepted"
    );
}

}  // namespace fanfare::doctor
