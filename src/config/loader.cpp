// SPDX-License-Identifier: MIT
#include "fanfare/config/loader.hpp"

#include "draft.hpp"
#include "json_file.hpp"
#include "laravel_database.hpp"
#include "redis_url.hpp"
#include "variables.hpp"
#include "webhook_list.hpp"

#include "fanfare/config/dotenv.hpp"
#include "fanfare/config/laravel_env.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace fanfare::config {

namespace {

namespace fs = std::filesystem;

struct File {
    std::string name;
    std::string text;
};

[[noreturn]] void refuse_file(const fs::path& path, const std::error_code& error) {
    const std::string what =
        path.string() + ": cannot be read (" + error.message() + "); expected a readable file";
    if (error == std::errc::permission_denied) throw UnreadableFile(path, what);
    throw ConfigError(what);
}

File read_file(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        refuse_file(path, std::make_error_code(std::errc::is_a_directory));
    }
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    File file{path.string(), std::string(std::istreambuf_iterator<char>(in), {})};
    if (!in.is_open() || in.bad()) {
        refuse_file(path, std::error_code(errno == 0 ? EIO : errno, std::generic_category()));
    }
    return file;
}

/// `named` has to be there, `otherwise` may be missing. A file that exists and cannot be read is an
/// error in both cases: to run without it would be a different configuration.
std::optional<File> find_file(const std::optional<fs::path>& named, const fs::path& otherwise) {
    if (named) return read_file(*named);
    std::error_code error;
    const auto status = fs::status(otherwise, error);
    if (status.type() == fs::file_type::not_found) return std::nullopt;
    if (error) refuse_file(otherwise, error);
    return read_file(otherwise);
}

/// The package's configuration is for the package's user. Who runs the server as another and names
/// a `.env` may do without it.
bool is_passed_over(const Flags& flags, const fs::path& file) {
    if (flags.config_file || !flags.env_file) return false;
    return ::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES;
}

/// Only with apps from elsewhere: otherwise those that are meant may be in this file.
void pass_over(const fs::path& file, const fs::path& env_file, Drafts& drafts) {
    const bool has_database = drafts.daemon.value.apps_database.driver != DatabaseDriver::none;
    if (drafts.apps.empty() && !has_database) {
        refuse_file(file, std::make_error_code(std::errc::permission_denied));
    }
    drafts.warnings.push_back(
        file.string() + " is not read (Permission denied): only " + env_file.string() +
        " and the environment count. If its apps and settings are meant too, let the server's user "
        "read it"
    );
}

constexpr std::array flag_fields{
    std::pair{std::string_view("--host"), &Flags::host},
    std::pair{std::string_view("--port"), &Flags::port},
    std::pair{std::string_view("--path"), &Flags::path},
    std::pair{std::string_view("--hostname"), &Flags::hostname},
    std::pair{std::string_view("--shards"), &Flags::shards},
};

std::optional<std::string> flag_text(const Flags& flags, std::string_view name) {
    if (name == "--debug") return flags.debug ? std::optional<std::string>("true") : std::nullopt;
    for (const auto& [flag, field] : flag_fields) {
        if (flag == name) return flags.*field;
    }
    return std::nullopt;
}

void apply_flags(const Flags& flags, Drafts& drafts) {
    const auto rows = table<Settings>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string_view flag = rows[i].about.flag;
        const auto text = flag_text(flags, flag);
        if (text) drafts.daemon.assign_text(i, *text, "command line", flag);
    }
}

/// As in Laravel, what the URL says wins over the single settings.
void take_redis_url_apart(Draft<Settings>& daemon) {
    const auto url = parse_redis_url(daemon.value.scaling.url);
    if (!url) return;
    const std::string source = daemon.sources[row_of<Settings>("scaling.server.url")];
    const auto assign = [&](std::string_view key, const Value& value) {
        daemon.assign(row_of<Settings>(key), value, source);
    };
    assign("scaling.server.host", url->host);
    if (url->port) assign("scaling.server.port", std::uint64_t{*url->port});
    if (!url->username.empty()) assign("scaling.server.username", url->username);
    if (!url->password.empty()) assign("scaling.server.password", url->password);
    if (url->database) assign("scaling.server.database", std::uint64_t{*url->database});
    if (url->tls) assign("scaling.server.tls", true);
}

/// What the rule of one setting cannot know.
void check_redis(const Draft<Settings>& daemon) {
    const ScalingSettings& scaling = daemon.value.scaling;
    if (!scaling.enabled) return;
    const std::string source = daemon.sources[row_of<Settings>("scaling.server.nodes")];
    for (const std::string& node : scaling.nodes) {
        if (parse_redis_address(node)) continue;
        throw ConfigError(
            source + ": scaling.server.nodes (FANFARE_REDIS_NODES): " + printable(node) +
            " is not an address; expected host:port"
        );
    }
    if (scaling.topology != RedisTopology::single && scaling.nodes.empty()) {
        throw ConfigError(
            daemon.sources[row_of<Settings>("scaling.server.topology")] +
            ": scaling.server.topology (FANFARE_REDIS_TOPOLOGY): scaling.server.nodes "
            "(FANFARE_REDIS_NODES) is empty; expected host:port of the sentinels, or of some nodes "
            "of the Redis Cluster"
        );
    }
}

/// Reverb uses no sharded channels, and without them a Redis Cluster is none.
void check_scaling_mode(const Draft<Settings>& daemon) {
    const ScalingSettings& scaling = daemon.value.scaling;
    const bool is_reverb = scaling.enabled && scaling.mode == ScalingMode::reverb;
    if (!is_reverb || scaling.topology != RedisTopology::cluster) return;
    throw ConfigError(
        daemon.sources[row_of<Settings>("scaling.mode")] +
        ": scaling.mode (FANFARE_SCALING_MODE): with \"reverb\", scaling.server.topology "
        "(FANFARE_REDIS_TOPOLOGY) is \"single\" or \"sentinel\", as Reverb does not speak with a "
        "Redis Cluster"
    );
}

/// A PROXY header is read from trusted proxies only, so without one the switch would do nothing.
void check_proxies(const Draft<Settings>& daemon) {
    const ServerSettings& server = daemon.value.server;
    if (!server.proxy_protocol || !server.trusted_proxies.empty()) return;
    throw ConfigError(
        daemon.sources[row_of<Settings>("server.proxy_protocol")] +
        ": server.proxy_protocol (FANFARE_PROXY_PROTOCOL): server.trusted_proxies "
        "(FANFARE_TRUSTED_PROXIES) is empty; expected the addresses that PROXY headers come from"
    );
}

/// A key that both apps have.
std::optional<std::string> shared_key(const AppSettings& one, const AppSettings& other) {
    const std::vector<std::string> keys = keys_of(one);
    for (const std::string& key : keys_of(other)) {
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) return key;
    }
    return std::nullopt;
}

void refuse_duplicate_apps(const std::vector<Draft<AppSettings>>& apps) {
    for (auto later = apps.begin(); later != apps.end(); ++later) {
        for (auto earlier = apps.begin(); earlier != later; ++earlier) {
            const bool same_id = earlier->value.id == later->value.id;
            const auto key = shared_key(earlier->value, later->value);
            if (!same_id && !key) continue;
            const std::string_view name = same_id ? "app_id" : "key";
            throw ConfigError(
                later->sources[row_of<AppSettings>(name)] + ": apps: " + std::string(name) + " " +
                printable(same_id ? later->value.id : *key) +
                " is another app's too; expected each app to have its own"
            );
        }
    }
}

void warn_of_apps(Drafts& drafts) {
    for (const auto& app : drafts.apps) {
        if (app.value.accept_client_events_from != ClientEventSenders::all) continue;
        drafts.warnings.push_back(
            "apps[" + printable(app.value.id) +
            "].accept_client_events_from is all: whoever has the " +
            "app key may send client events to every channel; members is the safe choice"
        );
    }
}

template <class Root>
void add_origins(const Draft<Root>& draft, const std::string& prefix, Loaded& loaded) {
    const auto rows = table<Root>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Description& about = rows[i].about;
        loaded.origins.push_back({
            prefix + std::string(about.key),
            format(about, rows[i].get(draft.value)),
            draft.sources[i],
        });
    }
}

Loaded finished(Drafts drafts) {
    take_redis_url_apart(drafts.daemon);
    check_proxies(drafts.daemon);
    check_redis(drafts.daemon);
    check_scaling_mode(drafts.daemon);
    check_apps_database(drafts.daemon);
    refuse_duplicate_apps(drafts.apps);
    for (const auto& app : drafts.apps) check_webhooks(app);
    warn_of_apps(drafts);
    Loaded loaded;
    add_origins(drafts.daemon, "", loaded);
    loaded.settings = std::move(drafts.daemon.value);
    for (auto& app : drafts.apps) {
        const std::string prefix = "apps[" + printable(app.value.id) + "].";
        add_origins(app, prefix, loaded);
        add_webhook_origins(app, prefix, loaded.origins);
        loaded.settings.apps.push_back(std::move(app.value));
    }
    loaded.warnings = std::move(drafts.warnings);
    return loaded;
}

}  // namespace

Loaded load(const Flags& flags, const Environment& environment, const Places& places) {
    Drafts drafts;
    const bool is_without_json = is_passed_over(flags, places.default_config_file);
    if (!is_without_json) {
        if (const auto file = find_file(flags.config_file, places.default_config_file)) {
            apply_json(file->text, file->name, drafts);
        }
    }
    std::vector<DotenvEntry> entries;
    std::string env_name;
    const fs::path env_path = places.working_directory / ".env";
    if (const auto file = find_file(flags.env_file, env_path)) {
        entries = parse_dotenv(file->text, file->name, environment);
        env_name = file->name;
    }
    const Variables variables(environment, entries, env_name);
    apply_variables(variables, drafts);
    if (is_without_json) pass_over(places.default_config_file, *flags.env_file, drafts);
    apply_flags(flags, drafts);
    take_laravel_database(variables, flags.env_file.value_or(env_path).parent_path(), drafts);
    Loaded loaded = finished(std::move(drafts));
    loaded.files = {
        flags.config_file.value_or(places.default_config_file), flags.env_file.value_or(env_path)};
    return loaded;
}

LaravelEnv read_laravel_env(const fs::path& file, const Environment& environment) {
    std::vector<DotenvEntry> entries;
    if (const auto found = find_file(std::nullopt, file)) {
        entries = parse_dotenv(found->text, found->name, environment);
    }
    return Variables(environment, entries, file.string()).all();
}

std::vector<std::string> changed_keys(const Settings& one, const Settings& other) {
    std::vector<std::string> keys;
    for (const Setting<Settings>& row : table<Settings>()) {
        if (row.get(one) != row.get(other)) keys.emplace_back(row.about.key);
    }
    return keys;
}

}  // namespace fanfare::config
