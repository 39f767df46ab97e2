// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The files by which other programs run the daemon or stand in front of it, filled in from the
/// settings that are in force. Those under deploy/ are these for the defaults. All throw
/// config::ConfigError if the settings leave nothing to write.
namespace fanfare::deployment {

/// How the daemon is started.
struct Service {
    std::filesystem::path binary = "/usr/bin/fanfare";
    std::string user = "fanfare";
    std::vector<std::string> arguments{"start"};
    std::vector<std::filesystem::path> files;  ///< that it has to be able to read
};

/// A systemd unit, `Type=notify`, confined to what the daemon needs.
[[nodiscard]] std::string systemd_service(const config::Settings& settings, const Service& service);

/// A socket unit beside it: systemd listens, also while the daemon is away.
[[nodiscard]] std::string systemd_socket(const config::Settings& settings);

/// A program of supervisor.
[[nodiscard]] std::string supervisor_program(
    const config::Settings& settings, const Service& service
);

/// What clients see of nginx.
struct Site {
    bool is_plain = false;              ///< HTTP instead of HTTPS
    std::optional<std::uint16_t> port;  ///< instead of 443 or 80
    std::string certificate;            ///< empty: where certbot puts it
    std::string certificate_key;
};

/// A site of nginx, for WebSockets and the HTTP API.
[[nodiscard]] std::string nginx_site(const config::Settings& settings, const Site& site);

/// What a site of nginx that is there already needs, for WebSockets (`/app/`) or the HTTP API
/// (`/apps/`).
enum class Location { websockets, api };

[[nodiscard]] std::string nginx_location(const config::Settings& settings, Location location);

}  // namespace fanfare::deployment
