// SPDX-License-Identifier: MIT
#include "connection_list.hpp"

#include "fanfare/protocol/channel_name.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace fanfare::server {

using channels::Hub;
using channels::Subscriber;
using control::Json;

namespace {

std::int64_t unix_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

bool ConnectionFilter::covers(const Subscriber& connection) const {
    if (app && *app != connection.app()) return false;
    if (socket_id && !(*socket_id == connection.socket_id())) return false;
    const auto& subscriptions = connection.subscriptions();
    const bool is_in_channel = std::ranges::any_of(subscriptions, [this](const auto& each) {
        return each.channel->key.name == channel;
    });
    if (!channel.empty() && !is_in_channel) return false;
    if (user_id.empty() || connection.user_id() == user_id) return true;
    return std::ranges::any_of(subscriptions, [this](const auto& each) {
        return each.identity && each.identity->user_id == user_id;
    });
}

ConnectionFilter connection_filter(
    const Json& arguments, const std::function<AppIndex(const std::string&)>& app_named
) {
    ConnectionFilter filter;
    if (const auto app = arguments.value("app", std::string()); !app.empty()) {
        filter.app = app_named(app);
    }
    if (const auto id = arguments.value("socket_id", std::string()); !id.empty()) {
        filter.socket_id = protocol::parse_socket_id(id);
        if (!filter.socket_id) throw std::runtime_error(id + " is no socket id, such as 12.34");
    }
    filter.channel = arguments.value("channel", std::string());
    filter.user_id = arguments.value("user", std::string());
    return filter;
}

Json describe_connections(
    const Hub& hub, const ConnectionFilter& filter, std::size_t limit, const apps::AppTable& apps
) {
    std::size_t all = 0;
    Json shown = Json::array();
    for (const Subscriber* connection : hub.subscribers()) {
        if (connection == nullptr || !filter.covers(*connection)) continue;
        if (++all > limit && limit != 0) continue;
        const Subscriber::Portrait portrait = connection->portrait();
        Json names = Json::array();
        for (const auto& subscription : connection->subscriptions()) {
            const std::string& name = subscription.channel->key.name;
            if (!protocol::kind_of(name).is_reserved) names.push_back(name);
        }
        shown.push_back(
            {{"socket_id", to_string(connection->socket_id())},
             {"app", apps[connection->app()].id},
             {"address", portrait.address},
             {"user_id", connection->user_id()},
             {"queued_bytes", portrait.queued_bytes},
             {"channels", std::move(names)}}
        );
    }
    return {{"all", all}, {"shown", std::move(shown)}};
}

std::size_t dismiss_connections(Hub& hub, const ConnectionFilter& filter, bool may_return) {
    std::size_t dismissed = 0;
    const auto& all = hub.subscribers();
    for (std::size_t slot = 0; slot < all.size(); ++slot) {
        Subscriber* const connection = all[slot];
        if (connection == nullptr || !filter.covers(*connection)) continue;
        connection->on_dismissal(may_return);
        ++dismissed;
    }
    return dismissed;
}

bool begin_trace(
    Hub& hub, std::uint64_t id, const ConnectionFilter& filter, channels::Tracer::Tell tell
) {
    hub.tracer().add(id, {filter.app, filter.socket_id, filter.channel}, std::move(tell));
    if (!filter.socket_id) return true;
    Subscriber* const connection = hub.find_by_socket_id(*filter.socket_id);
    if (connection != nullptr) connection->set_traced(true);
    return connection != nullptr;
}

void end_trace(Hub& hub, std::uint64_t id) {
    hub.tracer().remove(id);
    for (Subscriber* connection : hub.subscribers()) {
        if (connection != nullptr) {
            connection->set_traced(hub.tracer().watches(connection->socket_id()));
        }
    }
}

Json describe_event(
    const channels::Tracer::Event& event, const apps::AppTable& apps, bool has_payload
) {
    Json shown{{"unix_ms", unix_milliseconds()}, {"what", event.what}, {"app", apps[event.app].id}};
    if (event.socket_id) shown["socket_id"] = to_string(*event.socket_id);
    if (!event.channel.empty()) shown["channel"] = event.channel;
    if (!event.payload.empty()) shown["bytes"] = event.payload.size();
    if (has_payload && !event.payload.empty()) shown["payload"] = event.payload;
    return shown;
}

}  // namespace fanfare::server
