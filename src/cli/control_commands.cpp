// SPDX-License-Identifier: MIT
#include "control_commands.hpp"

#include "table.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/control/client.hpp"
#include "fanfare/control/socket_path.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <utility>

namespace fanfare::cli {

using control::Json;

namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::chrono::seconds upgrade_patience{300};

/// A value as a cell: texts without quotes, nothing as a dash.
std::string cell(const Json& value) {
    if (value.is_null() || value == "") return "-";
    return terminal_text(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& each : list) text += (text.empty() ? "" : ", ") + cell(each);
    return text.empty() ? "-" : text;
}

Rows rows_of(
    const Json& list, const std::vector<const char*>& names, std::vector<std::string> head
) {
    Rows rows{std::move(head)};
    for (const Json& each : list) {
        std::vector<std::string> row;
        for (const char* name : names) row.push_back(cell(each.at(name)));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string duration(std::uint64_t seconds) {
    const std::string minutes = std::to_string(seconds / 60 % 60) + " min";
    if (seconds < 60) return std::to_string(seconds) + " s";
    if (seconds < 3'600) return minutes;
    const std::string hours = std::to_string(seconds / 3'600 % 24) + " h ";
    if (seconds < 86'400) return hours + minutes;
    return std::to_string(seconds / 86'400) + " d " + hours + minutes;
}

std::string show_status(const Json& status) {
    std::string text;
    const auto show = [&text](std::string name, const std::string& value) {
        name.resize(16, ' ');
        text += name + value + "\n";
    };
    const Json& cluster = status.at("cluster");
    const auto uptime = status.at("uptime_seconds").get<std::uint64_t>();
    const bool has_tls = status.at("tls").get<bool>();
    show("Version", cell(status.at("version")));
    show("State", cell(status.at("state")));
    show("Process", "pid " + cell(status.at("pid")) + ", up " + duration(uptime));
    show(
        "Listens on",
        cell(status.at("host")) + ":" + cell(status.at("port")) + (has_tls ? ", TLS" : ", plain")
    );
    show("Metrics on", cell(status.at("metrics_address")));
    show("Apps", cell(status.at("apps")));
    show(
        "Connections", cell(status.at("connections")) + " of " + cell(status.at("max_connections"))
    );
    if (status.contains("connections_of_shards")) {
        show("On each shard", joined(status.at("connections_of_shards")));
    }
    show(
        "Cluster",
        cluster.is_null() ? "none" : cell(cluster.at("name")) + ", " + cell(cluster.at("state"))
    );
    show("Log level", cell(status.at("log_level")));
    return text;
}

std::string show_apps(const Json& apps) {
    return table(rows_of(
        apps,
        {"id", "key", "enabled", "from", "connections", "connections_elsewhere", "max_connections"},
        {"APP", "KEY", "ENABLED", "FROM", "CONNECTIONS", "ELSEWHERE", "LIMIT"}
    ));
}

std::string show_channels(const Json& channels) {
    return table(
        rows_of(channels, {"name", "subscriptions", "users"}, {"CHANNEL", "SUBSCRIPTIONS", "USERS"})
    );
}

std::string show_connections(const Json& result) {
    const Json& shown = result.at("connections");
    Rows rows = rows_of(
        shown,
        {"socket_id", "app", "address", "user_id", "queued_bytes"},
        {"SOCKET ID", "APP", "ADDRESS", "USER", "QUEUED", "CHANNELS"}
    );
    for (std::size_t i = 0; i < shown.size(); ++i) {
        rows[i + 1].push_back(joined(shown[i].at("channels")));
    }
    std::string text = table(rows);
    const auto hidden = result.at("all").get<std::size_t>() - shown.size();
    if (hidden != 0) text += "and " + std::to_string(hidden) + " more: --limit 0 shows all\n";
    return text;
}

std::string show_disconnected(const Json& result) {
    return "disconnected " + cell(result.at("disconnected")) + "\n";
}

std::string show_published(const Json& /*result*/) {
    return "published\n";
}

std::string show_level(const Json& result) {
    return cell(result.at("level")) + "\n";
}

std::string show_reloaded(const Json& result) {
    return "reloaded, apps: " + cell(result.at("apps")) + "; what it did is in the log\n";
}

std::string show_draining(const Json& result) {
    return "draining " + cell(result.at("connections")) + " connections over " +
           cell(result.at("window_seconds")) + " s\n";
}

std::string show_upgraded(const Json& result) {
    return "upgraded, connections passed on: " + cell(result.at("connections")) + "\n";
}

/// `15:36:37.123  message received  12.34  77 B  {"event":…}`
std::string show_event(const Json& event) {
    if (event.contains("missed")) {
        return "(" + cell(event.at("missed")) + " events missed: they came too fast)\n";
    }
    const auto unix_ms = event.at("unix_ms").get<std::int64_t>();
    const std::time_t seconds = unix_ms / 1'000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char time[16];
    std::strftime(time, sizeof time, "%H:%M:%S", &local);
    char line[160];
    std::snprintf(
        line,
        sizeof line,
        "%s.%03d  %-18s %-21s",
        time,
        static_cast<int>(unix_ms % 1'000),
        event.at("what").get<std::string>().c_str(),
        event.value("socket_id", "").c_str()
    );
    std::string text = line;
    for (const char* name : {"channel", "payload"}) {
        if (event.contains(name)) text += "  " + terminal_text(event.at(name).get<std::string>());
    }
    if (event.contains("bytes") && !event.contains("payload")) {
        text += "  " + cell(event.at("bytes")) + " B";
    }
    return text + "\n";
}

}  // namespace

ControlCommands::ControlCommands(
    CLI::App& program, const std::function<void(CLI::App&)>& add_flags, Load load
)
    : add_flags_(add_flags), load_(std::move(load)) {
    add_lists(program);
    add_actions(program);
    add_trace(program);
}

CLI::App& ControlCommands::add(
    CLI::App& program, const std::string& name, const std::string& help, Show show
) {
    CLI::App& command = *program.add_subcommand(name, help);
    add_flags_(command);
    command.add_option(
        "--control-socket", socket_, "The server's control socket, if not the usual one"
    );
    command.add_flag("--json", as_json_, "For scripts");
    if (show != nullptr) command.callback([this, name, show] { run(name, show); });
    return command;
}

/// An option whose text is an argument of the request.
void ControlCommands::take(
    CLI::App& command, const std::string& flag, const std::string& name, const std::string& help
) {
    const auto set = [this, name](const std::string& text) { arguments_[name] = text; };
    command.add_option_function<std::string>(flag, set, help);
}

void ControlCommands::add_lists(CLI::App& program) {
    add(program, "status", "Show how the running server is doing", show_status);
    add(program, "apps", "Show the apps that the running server serves", show_apps);
    CLI::App& channels =
        add(program, "channels", "Show the occupied channels of an app", show_channels);
    take(channels, "app,--app", "app", "The app's id");
    take(channels, "--prefix", "prefix", "Only channels that begin so");
    CLI::App& connections =
        add(program, "connections", "Show the connections of this server", show_connections);
    take(connections, "--app", "app", "Only those of the app with this id");
    take(connections, "--channel", "channel", "Only those subscribed to it");
    take(connections, "--user", "user", "Only those of this user");
    take(connections, "--socket-id", "socket_id", "Only this one");
    connections.add_option_function<std::size_t>(
        "--limit",
        [this](std::size_t limit) { arguments_["limit"] = limit; },
        "How many are shown (100; 0 = all)"
    );
}

void ControlCommands::add_actions(CLI::App& program) {
    CLI::App& disconnect =
        add(program,
            "disconnect",
            "Close connections of this server: all to which what is given applies",
            show_disconnected);
    take(disconnect, "socket_id,--socket-id", "socket_id", "The one with this socket id");
    take(disconnect, "--app", "app", "Those of the app with this id");
    take(disconnect, "--channel", "channel", "Those subscribed to it");
    take(disconnect, "--user", "user", "Those of this user");
    disconnect.add_flag_function(
        "--may-return",
        [this](auto) { arguments_["may_return"] = true; },
        "With a code upon which clients connect again"
    );
    CLI::App& publish = add(program, "publish", "Publish an event", show_published);
    take(publish, "app", "app", "The app's id");
    take(publish, "channel", "channel", "The channel");
    take(publish, "event", "event", "The event's name");
    take(publish, "data", "data", "Its data, as a rule JSON");
    CLI::App& level =
        add(program, "log-level", "Show the level of the log, or change it", show_level);
    take(level, "level", "level", "debug, info, warning or error");
    add(program, "reload", "Bring the configuration into force anew, as SIGHUP does", show_reloaded
    );
    add(program,
        "upgrade",
        "Put the program as it is installed now in the place of the running one",
        show_upgraded);
    add(program, "drain", "Let the clients go and stop, as SIGTERM does", show_draining);
}

void ControlCommands::add_trace(CLI::App& program) {
    CLI::App& trace = add(
        program, "trace", "Show what happens on a connection or in a channel, until Ctrl-C", nullptr
    );
    take(trace, "socket_id,--socket-id", "socket_id", "The connection");
    take(trace, "--channel", "channel", "The channel");
    take(trace, "--app", "app", "The id of the app, if others have such a channel");
    trace.add_flag_function(
        "--payloads",
        [this](auto) { arguments_["payloads"] = true; },
        "Show what is sent, which may be secret"
    );
    trace.callback([this] { follow(); });
}

std::vector<std::filesystem::path> ControlCommands::paths() const {
    if (!socket_.empty()) return {socket_};
    return control::socket_paths(load_().settings.server);
}

void ControlCommands::run(const std::string& name, Show show) {
    // A new process may have to wait for its turn, for Redis or for its database.
    const auto patience = name == "upgrade" ? upgrade_patience : control::usual_patience;
    const Json result = control::ask(paths(), {name, arguments_}, patience);
    std::cout << (as_json_ ? result.dump(2) + "\n" : show(result));
}

void ControlCommands::follow() {
    bool is_first = true;
    control::follow(paths(), {"trace", arguments_}, [&](const Json& event) {
        if (std::exchange(is_first, false)) return;
        std::cout << (as_json_ ? event.dump() + "\n" : show_event(event)) << std::flush;
    });
}

}  // namespace fanfare::cli
