// SPDX-License-Identifier: MIT
#include "variables.hpp"

#include "nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace fanfare::config {

namespace {

constexpr std::array<std::string_view, 3> app_identity{
    "REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET"};

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

/// Illuminate\Support\Env's conversions. The words for true and false stay text: only a switch
/// reads them as such.
std::optional<std::string> as_laravel_reads(std::string_view raw) {
    if (raw.empty() || equals_ignoring_case(raw, "null") || equals_ignoring_case(raw, "(null)")) {
        return std::nullopt;
    }
    if (equals_ignoring_case(raw, "empty") || equals_ignoring_case(raw, "(empty)")) return "";
    const bool is_quoted =
        raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'') && raw.front() == raw.back();
    return std::string(is_quoted ? raw.substr(1, raw.size() - 2) : raw);
}

/// Kubernetes describes a service called "redis" or "reverb" to every pod as REDIS_PORT=tcp://…,
/// REDIS_SERVICE_HOST, REDIS_PORT_6379_TCP_ADDR and so on. Nobody configured those.
bool is_service_link(std::string_view name, std::string_view value) {
    return (name.ends_with("_PORT") && (value.starts_with("tcp://") || value.starts_with("udp://"))
           ) ||
           name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos ||
           name.find("_TCP") != name.npos || name.find("_UDP") != name.npos;
}

/// With scaling off nobody connects to Redis, and a `.env` that describes the app's own Redis in a
/// way only PHP understands (a socket path, port 0) must not stop the server.
bool is_unused(const Description& about, const Settings& settings) {
    return about.key.starts_with("scaling.") && about.key != "scaling.enabled" &&
           !settings.scaling.enabled;
}

void apply_to_daemon(const Variables& variables, Drafts& drafts) {
    const auto rows = table<Settings>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Description& about = rows[i].about;
        const Variable* variable = variables.find(about.env);
        if (variable == nullptr) continue;
        try {
            drafts.daemon.assign_text(i, variable->value, variable->where, about.env);
        } catch (const ConfigError& error) {
            if (!is_unused(about, drafts.daemon.value)) throw;
            drafts.warnings.push_back(std::string(error.what()) + " (not used: scaling is off)");
        }
    }
}

void apply_to_app(const Variables& variables, Draft<AppSettings>& app) {
    const auto rows = table<AppSettings>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string_view name = rows[i].about.env;
        const Variable* variable = variables.find(name);
        if (variable != nullptr) app.assign_text(i, variable->value, variable->where, name);
    }
}

/// All three or none; true if there is an app.
bool has_app(const Variables& variables) {
    const Variable* given = nullptr;
    std::string_view missing;
    for (const std::string_view name : app_identity) {
        const Variable* variable = variables.find(name);
        if (variable != nullptr) given = variable;
        if (variable == nullptr && missing.empty()) missing = name;
    }
    if (given == nullptr) return false;
    if (missing.empty()) return true;
    throw ConfigError(
        given->where + ": " + std::string(missing) +
        " is missing; expected REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET together"
    );
}

/// The app of the file that has the id of REVERB_APP_ID, or a new one.
Draft<AppSettings>& app_to_override(const Variables& variables, Drafts& drafts) {
    const std::string& id = variables.find("REVERB_APP_ID")->value;
    const auto it = std::find_if(drafts.apps.begin(), drafts.apps.end(), [&id](const auto& app) {
        return app.value.id == id;
    });
    return it != drafts.apps.end() ? *it : drafts.apps.emplace_back();
}

void warn_of_app_variables_without_app(const Variables& variables, Drafts& drafts) {
    for (const auto& row : table<AppSettings>()) {
        const Variable* variable = variables.find(row.about.env);
        if (variable == nullptr) continue;
        drafts.warnings.push_back(
            variable->where + ": " + std::string(row.about.env) +
            " has no effect: it belongs to the app of REVERB_APP_ID, which is not set"
        );
    }
}

std::vector<std::string> known_names() {
    std::vector<std::string> names;
    for (const auto& row : table<Settings>()) names.emplace_back(row.about.env);
    for (const auto& row : table<AppSettings>()) names.emplace_back(row.about.env);
    for (const Ignored& ignored : ignored_variables()) names.emplace_back(ignored.name);
    return names;
}

void warn_of_unknown_names(const Variables& variables, Drafts& drafts) {
    const auto known = known_names();
    for (const auto& [name, variable] : variables.all()) {
        if (!name.starts_with("REVERB_") && !name.starts_with("FANFARE_")) continue;
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto meant = nearest(name, known);
        drafts.warnings.push_back(
            variable.where + ": " + printable(name) + " is not a setting" +
            (meant ? "; did you mean " + *meant + "?" : "; it is ignored")
        );
    }
}

}  // namespace

Environment environment_of(const char* const* variables) {
    Environment environment;
    for (; *variables != nullptr; ++variables) {
        const char* const equals = std::strchr(*variables, '=');
        if (equals == nullptr) continue;
        environment.emplace(std::string(*variables, equals), equals + 1);
    }
    return environment;
}

Variables::Variables(
    const Environment& process,
    const std::vector<DotenvEntry>& entries,
    const std::string& file_name
) {
    for (const DotenvEntry& entry : entries) {
        variables_.insert_or_assign(
            entry.name, Variable{entry.value, file_name + ":" + std::to_string(entry.line)}
        );
    }
    for (const auto& [name, value] : process) {
        if (is_service_link(name, value)) continue;
        variables_.insert_or_assign(name, Variable{value, "environment"});
    }
    for (auto it = variables_.begin(); it != variables_.end();) {
        auto value = as_laravel_reads(it->second.value);
        if (!value) {
            it = variables_.erase(it);
        } else {
            it++->second.value = std::move(*value);
        }
    }
}

const Variable* Variables::find(std::string_view name) const {
    const auto it = variables_.find(name);
    return it == variables_.end() ? nullptr : &it->second;
}

void apply_variables(const Variables& variables, Drafts& drafts) {
    apply_to_daemon(variables, drafts);
    if (has_app(variables)) {
        apply_to_app(variables, app_to_override(variables, drafts));
    } else {
        warn_of_app_variables_without_app(variables, drafts);
    }
    warn_of_unknown_names(variables, drafts);
}

}  // namespace fanfare::config
