// SPDX-License-Identifier: MIT
#include "laravel.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

namespace fanfare::doctor {

namespace fs = std::filesystem;

const config::Variable* Laravel::find(std::string_view name) const {
    const auto it = env.find(name);
    return it == env.end() ? nullptr : &it->second;
}

std::string Laravel::get(std::string_view name, std::string_view otherwise) const {
    const config::Variable* variable = find(name);
    return variable == nullptr ? std::string(otherwise) : variable->value;
}

std::string Laravel::where(std::string_view name) const {
    const config::Variable* variable = find(name);
    return variable == nullptr ? env_file.string() : variable->where;
}

std::string Laravel::prefix() const {
    return driver() == "pusher" ? "PUSHER" : "REVERB";
}

std::string Laravel::driver() const {
    if (!driver_variable.empty()) return get(driver_variable);
    return get("BROADCAST_CONNECTION", get("BROADCAST_DRIVER"));
}

namespace {

std::string driver_variable_of(const fs::path& folder) {
    std::ifstream in(folder / "config" / "broadcasting.php");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    for (const char* name : {"BROADCAST_CONNECTION", "BROADCAST_DRIVER"}) {
        if (text.find(name) != text.npos) return name;
    }
    return {};
}

bool has_stale_cache(const fs::path& folder, const fs::path& env_file) {
    std::error_code missing;
    const auto cached = fs::last_write_time(folder / "bootstrap" / "cache" / "config.php", missing);
    if (missing) return false;
    const auto changed = fs::last_write_time(env_file, missing);
    return !missing && cached < changed;
}

}  // namespace

Laravel read_laravel(const fs::path& place, const config::Environment& environment) {
    std::error_code ignored;  // a place that is not there is no folder
    Laravel laravel;
    laravel.env_file = fs::is_directory(place, ignored) ? place / ".env" : place;
    laravel.env_file = fs::absolute(laravel.env_file).lexically_normal();
    laravel.env = config::read_laravel_env(laravel.env_file, environment);
    const fs::path folder = laravel.env_file.parent_path();
    laravel.driver_variable = driver_variable_of(folder);
    laravel.has_stale_cache = has_stale_cache(folder, laravel.env_file);
    return laravel;
}

bool is_there(const Laravel& laravel, bool is_named) {
    for (const char* name : {"APP_KEY", "BROADCAST_CONNECTION", "BROADCAST_DRIVER"}) {
        if (laravel.find(name) != nullptr) return true;
    }
    std::error_code ignored;
    const fs::path folder = laravel.env_file.parent_path();
    return (is_named && fs::exists(laravel.env_file, ignored)) ||
           fs::exists(folder / "artisan", ignored) ||
           fs::exists(folder / "config" / "broadcasting.php", ignored);
}

}  // namespace fanfare::doctor
