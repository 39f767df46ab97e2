// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/channels/passing.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/sessions/passing.hpp"
#include "fanfare/transport/passing.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// All that a server passes to the process that takes its place: what one shard has, and its form
/// between two versions of the program.
namespace fanfare::server {

struct PassedClient {
    transport::PassedWebSocket connection;
    sessions::PassedSession session;
};

struct Snapshot {
    std::vector<int> listeners;
    std::vector<PassedClient> clients;
    std::vector<transport::PassedHttp> requests;  ///< HTTP connections between two requests
    channels::PassedChannels channels;
    std::optional<std::string> bus;  ///< what that of a cluster's node knows
};

/// What a process calls its apps.
using AppName = std::function<std::string(AppIndex)>;
using AppNumber = std::function<std::optional<AppIndex>(const std::string&)>;

/// What comes before it in a cluster.
[[nodiscard]] std::string encode(const cluster::Attention& attention, const AppName& app_name);

/// CBOR. A descriptor is the place of its like in `fds`.
[[nodiscard]] std::string encode(
    const Snapshot& snapshot, const AppName& app_name, std::vector<int>& fds
);

/// What concerns apps that are not known here is left out; their clients are not. Throws
/// std::runtime_error if the bytes are none of another version's either.
[[nodiscard]] std::variant<cluster::Attention, Snapshot> decode_passed(
    std::string_view bytes, const AppNumber& app_number, const std::vector<int>& fds
);

}  // namespace fanfare::server
