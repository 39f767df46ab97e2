// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/channels/tracer.hpp"
#include "fanfare/control/request.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// One shard's connections for operators, each on that shard's thread.
namespace fanfare::server {

/// Which connections are meant; all that is given has to match.
struct ConnectionFilter {
    std::optional<AppIndex> app;
    std::optional<protocol::SocketId> socket_id;
    std::string channel;  ///< subscribed to it
    std::string user_id;  ///< signed in as, or a member of a presence channel as

    [[nodiscard]] bool is_empty() const {
        return !app && !socket_id && channel.empty() && user_id.empty();
    }

    [[nodiscard]] bool covers(const channels::Subscriber& connection) const;
};

/// Of the arguments of a command. Throws std::runtime_error if one is wrong.
[[nodiscard]] ConnectionFilter connection_filter(
    const control::Json& arguments, const std::function<AppIndex(const std::string&)>& app_named
);

/// `{"all":2,"shown":[{"socket_id":…},…]}`, of which `limit` are shown; 0 = all.
[[nodiscard]] control::Json describe_connections(
    const channels::Hub& hub,
    const ConnectionFilter& filter,
    std::size_t limit,
    const apps::AppTable& apps
);

/// How many there were.
std::size_t dismiss_connections(
    channels::Hub& hub, const ConnectionFilter& filter, bool may_return
);

/// Whether the connection that the filter names is on this shard.
bool begin_trace(
    channels::Hub& hub,
    std::uint64_t id,
    const ConnectionFilter& filter,
    channels::Tracer::Tell tell
);
void end_trace(channels::Hub& hub, std::uint64_t id);

[[nodiscard]] control::Json describe_event(
    const channels::Tracer::Event& event, const apps::AppTable& apps, bool has_payload
);

}  // namespace fanfare::server
