// SPDX-License-Identifier: MIT
#include "examination.hpp"

#include "certificates.hpp"
#include "configuration.hpp"
#include "database.hpp"
#include "findings.hpp"
#include "laravel_judgement.hpp"
#include "limits.hpp"
#include "names.hpp"
#include "redis_server.hpp"
#include "unreadable_file.hpp"

#include "fanfare/config/error.hpp"
#include "fanfare/server/health.hpp"
#include "fanfare/server/server.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fanfare::doctor {

namespace {

constexpr const char* not_compared = "Whether the app and the server agree has not been examined.";

/// Why the certificates cannot be used; empty if they can.
std::string tls_trouble_of(const config::Settings& settings) {
    try {
        server::require_usable_tls(settings);
    } catch (const config::ConfigError& error) {
        return error.what();
    }
    return {};
}

Address own_address(const config::ServerSettings& server) {
    const probe::Target target = server::local_target(server);
    return {target.is_encrypted, target.host, target.port, server.path, "server.host"};
}

}  // namespace

Findings Examination::run() {
    if (!load() || !read_app()) return std::move(findings_);
    own_.address = own_address(settings_.server);
    addresses_ = addresses_of(laravel_, settings_.server, patient_.public_url);
    look_at_laravel();
    look_at_apps();
    append(findings_, judge_limits(read_limits(settings_.server.port), settings_));
    look_at_names();
    look_at_certificates();
    visit();
    look_at_redis();
    append(findings_, judge_clocks(clocks_, settings_.server.auth_timestamp_tolerance));
    return std::move(findings_);
}

bool Examination::load() {
    try {
        const config::Loaded loaded = patient_.load();
        settings_ = loaded.settings;
        append(findings_, judge_configuration(loaded, tls_trouble_of(settings_)));
        return true;
    } catch (const config::UnreadableFile& trouble) {
        findings_.push_back(judge_unreadable_file(
            "configuration",
            trouble,
            "The server's user may be able to; as this one nothing else has been examined."
        ));
        return false;
    } catch (const config::ConfigError& error) {
        findings_.push_back(judge_broken_configuration(error.what()));
        return false;
    }
}

bool Examination::read_app() {
    try {
        laravel_ = read_laravel(patient_.laravel, patient_.environment);
    } catch (const config::UnreadableFile& trouble) {
        findings_.push_back(judge_unreadable_file("laravel", trouble, not_compared));
        return true;
    } catch (const config::ConfigError& trouble) {
        findings_.push_back(
            error("laravel", trouble.what(), "Laravel cannot read it either.", "Correct that line")
        );
        return false;
    }
    has_laravel_ = is_there(laravel_, patient_.is_laravel_named);
    if (has_laravel_) return true;
    const std::string what = "no .env of an app at " + laravel_.env_file.string();
    const std::string fix = "fanfare doctor --laravel /path/to/app";
    findings_.push_back(
        patient_.is_laravel_named ? error("laravel", what, not_compared, fix)
                                  : notice("laravel", what, not_compared, fix)
    );
    return true;
}

void Examination::look_at_laravel() {
    if (!has_laravel_) return;
    append(findings_, judge_driver(laravel_));
    append(findings_, judge_credentials(laravel_, settings_));
    append(findings_, judge_publishing(laravel_, settings_));
    append(findings_, judge_browsers(laravel_, settings_));
}

/// Chooses the app with which the server is visited: Laravel's, if the server has it.
void Examination::look_at_apps() {
    const std::string prefix = laravel_.prefix();
    const Credentials theirs{
        laravel_.get(prefix + "_APP_ID"),
        laravel_.get(prefix + "_APP_KEY"),
        laravel_.get(prefix + "_APP_SECRET")};
    const auto& apps = settings_.apps;
    auto own = std::find_if(apps.begin(), apps.end(), [&theirs](const auto& app) {
        return app.id == theirs.app_id;
    });
    const bool is_listed = own != apps.end();
    if (!is_listed) {
        own = std::find_if(apps.begin(), apps.end(), [](const auto& app) { return app.enabled; });
    }
    if (own != apps.end()) {
        app_ = Credentials{own->id, own->key, own->secret};
        allowed_origins_ = own->allowed_origins;
    }
    const bool has_database = settings_.apps_database.driver != config::DatabaseDriver::none;
    if (is_listed || !has_database) return;
    const std::string id = theirs.app_id.empty() ? "?" : theirs.app_id;
    const DatabaseFacts facts = ask_database(settings_.apps_database, id);
    if (theirs.app_id.empty() && facts.outcome == apps::Database::Outcome::absent) {
        findings_.push_back(ok("apps database", "answers"));
        return;
    }
    findings_.push_back(judge_database(facts, id));
    if (!facts.app) return;
    config::Settings found = settings_;
    found.apps = {*facts.app};
    append(findings_, judge_credentials(laravel_, found));
    app_ = Credentials{facts.app->id, facts.app->key, facts.app->secret};
    allowed_origins_ = facts.app->allowed_origins;
}

void Examination::look_at_names() {
    if (patient_.public_url && !addresses_.browsing) {
        findings_.push_back(error(
            "public address",
            config::printable(*patient_.public_url) + " is not a URL",
            "The public address cannot be examined.",
            "--public https://ws.example.com, with port and path if there are any"
        ));
    }
    // Whoever names the address has seen it.
    const std::string environment = laravel_.get("APP_ENV", "local");
    const bool is_local =
        environment == "local" || environment == "testing" || patient_.public_url.has_value();
    if (addresses_.browsing) {
        findings_.push_back(judge_name(resolve(addresses_.browsing->host), true, is_local));
    }
    const auto& publishing = addresses_.publishing;
    if (publishing && (!addresses_.browsing || publishing->host != addresses_.browsing->host)) {
        findings_.push_back(judge_name(resolve(publishing->host), false, is_local));
    }
}

void Examination::look_at_certificates() {
    // Where a proxy ends TLS, the server's own certificate is the proxy's concern.
    const bool is_shown = addresses_.browsing && addresses_.browsing->port == settings_.server.port;
    const std::string host = is_shown ? addresses_.browsing->host : "";
    append(
        findings_,
        judge_certificate_files(
            read_certificates(settings_.server.tls, host), host, std::chrono::system_clock::now()
        )
    );
}

void Examination::look_at_redis() {
    if (!settings_.scaling.enabled) {
        findings_.push_back(ok("redis", "is not used (REVERB_SCALING_ENABLED is false)"));
        return;
    }
    const RedisFacts facts = ask_redis(settings_.scaling);
    findings_.push_back(judge_redis(facts, settings_.scaling));
    if (facts.clock) clocks_.push_back(*facts.clock);
}

std::string Examination::origin() const {
    const std::string url = laravel_.get("APP_URL");
    const std::size_t host = url.find("://");
    if (host != url.npos) return url.substr(0, url.find('/', host + 3));
    // Without an app, a page that may.
    if (allowed_origins_.empty() || allowed_origins_.front() == "*") return {};
    std::string allowed = allowed_origins_.front();
    std::replace(allowed.begin(), allowed.end(), '*', 'x');
    return allowed.find("://") == allowed.npos ? "https://" + allowed : allowed;
}

Findings examine(const Patient& patient) {
    return Examination(patient).run();
}

}  // namespace fanfare::doctor
