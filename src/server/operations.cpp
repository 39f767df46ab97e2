// SPDX-License-Identifier: MIT
#include "operations.hpp"

#include "connection_list.hpp"
#include "stats.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/protocol/channel_name.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/logger.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace fanfare::server {

using channels::Hub;
using control::Json;

namespace {

std::string text_in(const Json& arguments, const char* name) {
    return arguments.value(name, std::string());
}

std::string needed(const Json& arguments, const char* name) {
    std::string text = text_in(arguments, name);
    if (text.empty()) throw std::runtime_error(std::string(name) + " is missing");
    return text;
}

spdlog::level::level_enum level_named(const std::string& name) {
    constexpr std::array levels{
        spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    for (const auto level : levels) {
        const auto known = spdlog::level::to_string_view(level);
        if (name == std::string_view(known.data(), known.size())) return level;
    }
    throw std::runtime_error(name + " is no level; expected debug, info, warning or error");
}

std::string name_of(spdlog::level::level_enum level) {
    const auto name = spdlog::level::to_string_view(level);
    return {name.data(), name.size()};
}

std::string_view name_of(ServerState state) {
    constexpr std::array<std::string_view, 3> names{"starting", "serving", "draining"};
    return names[static_cast<std::size_t>(state)];
}

}  // namespace

Operations::Operations(OperationsContext context)
    : context_(std::move(context)), started_(context_.common.clock.now()) {}

void Operations::on_request(
    const control::Request& request, const std::shared_ptr<control::Visitor>& visitor
) {
    struct Command {
        std::string_view name;
        void (Operations::*run)(const Json&, const Visitor&);
        bool needs_shards;
        bool is_noted;  // it changes something
    };

    static constexpr std::array commands{
        Command{"status", &Operations::status, false, false},
        Command{"apps", &Operations::apps, false, false},
        Command{"channels", &Operations::channels, true, false},
        Command{"connections", &Operations::connections, true, false},
        Command{"disconnect", &Operations::disconnect, true, true},
        Command{"publish", &Operations::publish, true, true},
        Command{"log-level", &Operations::log_level, false, true},
        Command{"trace", &Operations::trace, true, true},
        Command{"reload", &Operations::reload, false, true},
        Command{"drain", &Operations::drain, false, true},
        Command{"upgrade", &Operations::upgrade, true, true},
    };
    const auto* const command = std::ranges::find(commands, request.command, &Command::name);
    if (command == commands.end()) {
        throw std::runtime_error(
            "this server, version " FANFARE_VERSION ", knows no command " + request.command
        );
    }
    // Nothing answers on a shard that does not run yet.
    if (command->needs_shards && state_of(context_.common) == ServerState::starting) {
        throw std::runtime_error("the server is still starting: it waits for Redis");
    }
    if (command->is_noted) note(request.command, request.arguments, visitor);
    (this->*command->run)(request.arguments, visitor);
}

/// Without what is published.
void Operations::note(const std::string& command, const Json& arguments, const Visitor& visitor)
    const {
    std::string shown;
    for (const auto& [name, value] : arguments.items()) {
        if (name == "data" || !value.is_string()) continue;
        shown += " " + name + "=" + log_text(value.get<std::string>());
    }
    context_.common.log.info("operator's command name={} {}{}", command, visitor->name(), shown);
}

template <typename Answer>
void Operations::ask_shards(
    std::function<Answer(Hub&)> query, std::function<void(std::vector<Answer>)> done
) {
    context_.shards.front()->post(
        [&context = context_.context, query = std::move(query), done = std::move(done)](Hub& hub) {
            hub.ask_all<Answer>(query, [&context, done](std::vector<Answer> answers) {
                boost::asio::post(context, [done, answers = std::move(answers)]() mutable {
                    done(std::move(answers));
                });
            });
        }
    );
}

AppIndex Operations::app_named(const std::string& id) const {
    for (const auto& app : context_.apps.list()) {
        if (app.settings->id == id) return app.index;
    }
    throw std::runtime_error("there is no app " + id);
}

void Operations::status(const Json& /*arguments*/, const Visitor& visitor) {
    const Common& common = context_.common;
    const config::Settings& settings = common.settings;
    const Stats stats = take_stats(common, context_.shards, context_.bus);
    const auto uptime = common.clock.now() - started_;
    Json result{
        {"version", stats.version},
        {"pid", ::getpid()},
        {"state", name_of(stats.state)},
        {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
        {"host", settings.server.host},
        {"port", settings.server.port},
        {"tls", !settings.server.tls.certificate_file.empty()},
        {"metrics_address", settings.server.metrics_address},
        {"log_level", name_of(common.log.level())},
        {"apps", context_.apps.size()},
        {"connections", common.node.open.load()},
        {"max_connections", common.capacity},
        {"cluster", nullptr},
        {"connections_of_shards", Json::array()}};
    if (context_.bus != nullptr) {
        const std::string_view trouble = context_.bus->trouble();
        result["cluster"] = {
            {"name", settings.scaling.channel},
            {"state", trouble.empty() ? "connected" : std::string(trouble)}};
    }
    for (const ShardStats& shard : stats.shards) {
        result["connections_of_shards"].push_back(shard.connections);
    }
    visitor->answer(std::move(result));
}

void Operations::apps(const Json& /*arguments*/, const Visitor& visitor) {
    Json result = Json::array();
    for (const auto& app : context_.apps.list()) {
        const apps::ConnectionCount& count = context_.common.apps[app.index].usage.connections;
        Json shown{
            {"id", app.settings->id},
            {"key", app.settings->key},
            {"enabled", app.settings->enabled},
            {"from", app.is_found ? "database" : "configuration"},
            {"connections", count.open.load()},
            {"connections_elsewhere", count.elsewhere.load()},
            {"max_connections", nullptr}};
        if (app.settings->max_connections)
            shown["max_connections"] = *app.settings->max_connections;
        result.push_back(std::move(shown));
    }
    visitor->answer(std::move(result));
}

/// As the API's `GET /channels` sees them, so of the whole cluster.
void Operations::channels(const Json& arguments, const Visitor& visitor) {
    const std::string app_id = needed(arguments, "app");
    const AppIndex app = app_named(app_id);
    context_.shards.front()->post([&context = context_.context,
                                   app,
                                   prefix = text_in(arguments, "prefix"),
                                   visitor](Hub& hub) {
        hub.list(app, prefix, [&context, visitor](channels::ChannelHome::Listing listing) {
            std::ranges::sort(listing, {}, [](const auto& entry) { return entry.first; });
            Json result = Json::array();
            for (const auto& [name, stats] : listing) {
                if (protocol::kind_of(name).is_reserved) continue;
                result.push_back(
                    {{"name", name},
                     {"subscriptions", stats.subscriptions},
                     {"users", protocol::kind_of(name).is_presence ? Json(stats.users) : Json()}}
                );
            }
            boost::asio::post(context, [visitor, result = std::move(result)]() mutable {
                visitor->answer(std::move(result));
            });
        });
    });
}

void Operations::connections(const Json& arguments, const Visitor& visitor) {
    const ConnectionFilter filter =
        connection_filter(arguments, [this](const auto& id) { return app_named(id); });
    const auto limit = arguments.value("limit", std::size_t{100});
    ask_shards<Json>(
        [filter, limit, &table = context_.common.apps](Hub& hub) {
            return describe_connections(hub, filter, limit, table);
        },
        [visitor, limit](const std::vector<Json>& lists) {
            Json shown = Json::array();
            std::size_t all = 0;
            for (const Json& list : lists) {
                all += list.at("all").get<std::size_t>();
                for (const Json& connection : list.at("shown")) {
                    if (limit == 0 || shown.size() < limit) shown.push_back(connection);
                }
            }
            visitor->answer({{"connections", std::move(shown)}, {"all", all}});
        }
    );
}

void Operations::disconnect(const Json& arguments, const Visitor& visitor) {
    const ConnectionFilter filter =
        connection_filter(arguments, [this](const auto& id) { return app_named(id); });
    if (filter.is_empty()) {
        throw std::runtime_error("name a socket id, an app, a channel or a user");
    }
    const bool may_return = arguments.value("may_return", false);
    ask_shards<std::size_t>(
        [filter, may_return](Hub& hub) { return dismiss_connections(hub, filter, may_return); },
        [visitor](const std::vector<std::size_t>& counts) {
            std::size_t all = 0;
            for (const std::size_t count : counts) all += count;
            visitor->answer({{"disconnected", all}});
        }
    );
}

void Operations::publish(const Json& arguments, const Visitor& visitor) {
    const Json body{
        {"name", needed(arguments, "event")},
        {"channels", Json::array({needed(arguments, "channel")})},
        {"data", text_in(arguments, "data")}};
    context_.shards.front()->publish(
        needed(arguments, "app"),
        body.dump(-1, ' ', false, Json::error_handler_t::replace),
        [&context = context_.context, visitor](unsigned status, const std::string& text) {
            boost::asio::post(context, [visitor, status, text] {
                if (status == 200) return visitor->answer(Json::object());
                visitor->refuse(text);
            });
        }
    );
}

void Operations::log_level(const Json& arguments, const Visitor& visitor) {
    const std::string wanted = text_in(arguments, "level");
    spdlog::logger& log = context_.common.log;
    if (!wanted.empty()) log.set_level(level_named(wanted));
    visitor->answer({{"level", name_of(log.level())}});
}

void Operations::reload(const Json& /*arguments*/, const Visitor& visitor) {
    const std::string error = context_.reloader.reload_now();
    if (!error.empty()) throw std::runtime_error(error);
    visitor->answer({{"apps", context_.apps.size()}});
}

void Operations::drain(const Json& /*arguments*/, const Visitor& visitor) {
    visitor->answer(
        {{"connections", context_.common.node.open.load()},
         {"window_seconds", context_.common.settings.server.drain_window.count()}}
    );
    context_.drain(visitor->name());
}

void Operations::upgrade(const Json& /*arguments*/, const Visitor& visitor) {
    const std::uint32_t connections = context_.common.node.open;
    context_.upgrade([visitor, connections](const std::string& trouble) {
        if (!trouble.empty()) return visitor->refuse(trouble);
        visitor->answer({{"connections", connections}});
    });
}

void Operations::trace(const Json& arguments, const Visitor& visitor) {
    const std::uint64_t id = ++last_trace_;
    const ConnectionFilter filter =
        connection_filter(arguments, [this](const auto& name) { return app_named(name); });
    if (!filter.socket_id && filter.channel.empty()) {
        throw std::runtime_error("name a socket id or a channel");
    }
    const bool has_payloads = arguments.value("payloads", false);
    const auto tell = [this, visitor, has_payloads](const channels::Tracer::Event& event) {
        Json shown = describe_event(event, context_.common.apps, has_payloads);
        boost::asio::post(context_.context, [visitor, shown = std::move(shown)]() mutable {
            visitor->tell(std::move(shown));
        });
    };
    ask_shards<bool>(
        [filter, id, tell](Hub& hub) { return begin_trace(hub, id, filter, tell); },
        [this, id, visitor, filter](const std::vector<bool>& found) {
            if (filter.socket_id && std::ranges::find(found, true) == found.end()) {
                end_trace(id);
                return visitor->refuse("no connection of this server has that socket id");
            }
            visitor->answer_and_follow(Json::object(), [this, id] { end_trace(id); });
        }
    );
}

void Operations::end_trace(std::uint64_t id) {
    for (const auto& shard : context_.shards) {
        shard->post([id](Hub& hub) { server::end_trace(hub, id); });
    }
}

}  // namespace fanfare::server
