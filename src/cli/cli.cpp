// SPDX-License-Identifier: MIT
#include "fanfare/cli/cli.hpp"

#include "control_commands.hpp"
#include "doctor_command.hpp"
#include "printing_commands.hpp"

#include "fanfare/base/log.hpp"
#include "fanfare/config/environment.hpp"
#include "fanfare/config/error.hpp"
#include "fanfare/config/loader.hpp"
#include "fanfare/server/cluster_view.hpp"
#include "fanfare/server/health.hpp"
#include "fanfare/server/server.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fanfare::cli {

namespace {

/// What `./dev run` serves when no app is configured. The demo signs for anybody, so the secret
/// guards nothing.
config::AppSettings demo_app() {
    config::AppSettings app;
    app.id = "demo";
    app.key = "demo-key";
    app.secret = "demo-secret";
    return app;
}

void add_configuration_flags(CLI::App& command, config::Flags& flags) {
    command.add_option("--host", flags.host, "Address to bind (REVERB_SERVER_HOST)");
    command.add_option("--port", flags.port, "Port to bind (REVERB_SERVER_PORT)");
    command.add_option("--path", flags.path, "Prefix of every URL (REVERB_SERVER_PATH)");
    command.add_option("--hostname", flags.hostname, "The public host name; never bound");
    command.add_option("--shards", flags.shards, "Threads that serve; 0 means one per core");
    command.add_flag("--debug", flags.debug, "Log every connection");
    command.add_option("--config", flags.config_file, "JSON file with server, scaling and apps");
    command.add_option("--env-file", flags.env_file, "A Laravel .env file (default: ./.env)");
}

config::Loaded load(const config::Flags& flags) {
    return config::load(flags, config::environment_of(environ));
}

/// A configuration may be valid and still not be enough to start with.
void require_startable(const config::Settings& settings) {
    server::require_usable_tls(settings);
    const bool has_database = settings.apps_database.driver != config::DatabaseDriver::none;
    if (settings.apps.empty() && !has_database) {
        throw config::ConfigError(
            "no app is configured: set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET, list "
            "apps in a file given by --config, or name their database in FANFARE_APPS_DATABASE"
        );
    }
}

/// As it would be started now.
server::Successor this_program(int argc, char** argv) {
    constexpr std::string_view deleted = " (deleted)";  // replaced, as a rule by a newer one
    std::error_code unknown;
    std::string file = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
    if (file.ends_with(deleted)) file.resize(file.size() - deleted.size());
    return {file, {argv, argv + argc}};
}

/// What to start with.
config::Loaded load_startable(const config::Flags& flags, bool is_demo) {
    config::Loaded loaded = load(flags);
    if (is_demo && loaded.settings.apps.empty()) loaded.settings.apps.push_back(demo_app());
    require_startable(loaded.settings);
    return loaded;
}

LogOptions log_options(const config::ServerSettings& server) {
    const bool is_automatic = server.log_format == config::LogFormat::automatic;
    return {
        server.debug,
        is_automatic ? ::isatty(STDOUT_FILENO) == 0 : server.log_format == config::LogFormat::json};
}

int start(config::Flags flags, const std::optional<std::string>& demo, server::Successor program) {
    // The demo signs for anybody: it stays on this machine unless told otherwise.
    if (demo && !flags.host) flags.host = "127.0.0.1";
    const config::Loaded loaded = load_startable(flags, demo.has_value());
    const config::Settings& settings = loaded.settings;
    auto log = make_log(log_options(settings.server));
    for (const std::string& warning : loaded.warnings) log->warn("{}", warning);
    server::Options options;
    options.reload = [&] { return load_startable(flags, demo.has_value()); };
    options.environment = config::environment_of(environ);
    options.program = std::move(program);
    if (demo) {
        options.demo = *demo;
        log->info(
            "demo url=http://{}:{}{}/demo/",
            settings.server.host,
            settings.server.port,
            settings.server.path
        );
    }
    auto server = std::make_unique<server::Server>(loaded, std::move(options), *log);
    if (const auto successor = server->run()) {
        (void)server.release();
        log.reset();  // writes what is queued
        server::leave(*successor);
    }
    return exit_ok;
}

int check(const config::Flags& flags) {
    const config::Loaded loaded = load(flags);
    std::cout << config::describe(loaded);
    for (const std::string& warning : loaded.warnings) std::cout << "warning: " << warning << '\n';
    std::cout.flush();
    require_startable(loaded.settings);
    return exit_ok;
}

int show_nodes(const config::Flags& flags, bool as_json) {
    const config::Loaded loaded = load(flags);
    const config::ScalingSettings& scaling = loaded.settings.scaling;
    if (!scaling.enabled) {
        throw config::ConfigError(
            "REVERB_SCALING_ENABLED (scaling.enabled): false means that this server is alone; "
            "expected true"
        );
    }
    std::cout << server::describe_cluster(scaling, as_json);
    return exit_ok;
}

}  // namespace

int run(int argc, char** argv) {
    CLI::App program("Fanfare, a Pusher-protocol WebSocket server", "fanfare");
    program.set_version_flag("--version", FANFARE_VERSION);
    program.require_subcommand(1);
    config::Flags flags;
    std::optional<std::string> demo;

    CLI::App* start_command = program.add_subcommand("start", "Run the server");
    start_command->alias("reverb:start");
    add_configuration_flags(*start_command, flags);
    start_command->add_option(
        "--demo", demo, "Serve the demo page in this folder at /demo/ (it signs for anybody)"
    );
    CLI::App* check_command = program.add_subcommand(
        "check", "Validate the configuration and print what is in force, and from where"
    );
    add_configuration_flags(*check_command, flags);
    CLI::App* nodes_command =
        program.add_subcommand("nodes", "Show the servers of the cluster, as Redis knows them");
    add_configuration_flags(*nodes_command, flags);
    bool as_json = false;
    nodes_command->add_flag("--json", as_json, "For scripts");
    CLI::App* health_command =
        program.add_subcommand("health", "Ask the server on this machine whether it is up");
    add_configuration_flags(*health_command, flags);
    const auto add_flags = [&flags](CLI::App& command) { add_configuration_flags(command, flags); };
    const auto load_all = [&flags] { return load(flags); };
    CLI::App* guard_command = program.add_subcommand("guard", "")->group("");  // see server::leave
    pid_t successor = 0;
    guard_command->add_option("pid", successor)->required();
    const DoctorCommand doctor(program, add_flags, flags, load_all);
    const PrintingCommands printing(program, add_flags, flags, load_all);
    const ControlCommands control(program, add_flags, load_all);

    try {
        program.parse(argc, argv);
        if (guard_command->parsed()) return server::guard(successor);
        if (start_command->parsed()) return start(flags, demo, this_program(argc, argv));
        if (check_command->parsed()) return check(flags);
        if (nodes_command->parsed()) return show_nodes(flags, as_json);
        if (health_command->parsed()) server::require_up(load(flags).settings.server);
        if (doctor.is_asked_for()) return doctor.run();
        return exit_ok;  // the others are done when they are parsed
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? exit_ok : exit_configuration;
    } catch (const config::ConfigError& error) {
        std::cerr << "fanfare: " << error.what() << '\n';
        return exit_configuration;
    } catch (const std::exception& error) {
        std::cerr << "fanfare: " << error.what() << '\n';
        return exit_failure;
    }
}

}  // namespace fanfare::cli
