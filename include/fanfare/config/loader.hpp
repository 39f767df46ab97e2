// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/environment.hpp"
#include "fanfare/config/error.hpp"
#include "fanfare/config/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::config {

/// What the command line gave, unparsed: every wrong value gets the same kind of message here.
struct Flags {
    std::optional<std::string> host;
    std::optional<std::string> port;
    std::optional<std::string> path;
    std::optional<std::string> hostname;
    std::optional<std::string> shards;
    bool debug = false;
    std::optional<std::filesystem::path> config_file;  ///< must exist if given
    std::optional<std::filesystem::path> env_file;     ///< must exist if given
};

/// Where the files are that nobody named; each is read if it exists.
struct Places {
    std::filesystem::path working_directory = ".";  ///< of `.env`
    std::filesystem::path default_config_file = "/etc/fanfare/fanfare.json";
};

/// A setting in force and where it comes from.
struct Origin {
    std::string key;     ///< `server.port`, `apps[my-app].ping_interval`
    std::string value;   ///< as shown; secrets are masked
    std::string source;  ///< `default`, a file, or `PLACE: NAME` of the variable or flag
};

/// The result of `load`. `warnings` are for the log: the configuration works, but perhaps not as
/// meant.
struct Loaded {
    Settings settings;
    std::vector<Origin> origins;
    std::vector<std::string> warnings;
    std::vector<std::filesystem::path> files;  ///< read, or looked for in vain
};

/// Flags over the process environment over `.env` over the JSON file over Reverb's defaults, all of
/// it validated. Reads files, writes nothing. Throws ConfigError. A reload calls it again.
Loaded load(const Flags& flags, const Environment& environment, const Places& places = {});

/// The keys of the daemon's settings (not those of apps) that differ.
std::vector<std::string> changed_keys(const Settings& one, const Settings& other);

/// What `fanfare check` prints: an aligned table of key, value and source. No secret is in it.
std::string describe(const Loaded& loaded);

}  // namespace fanfare::config
