// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

namespace {

using namespace fanfare::sessions::testing;  // NOLINT(google-build-using-namespace)
using Json = nlohmann::json;
namespace config = fanfare::config;

constexpr std::string_view room = "presence-room";

void require(bool condition) {
    if (!condition) std::abort();
}

/// A frame of ours: JSON, and where its event is not a client's, the data is JSON in a string.
void check(const std::string& frame) {
    const Json json = Json::parse(frame, nullptr, false);
    require(json.is_object() && json.contains("event") && json["event"].is_string());
    const std::string event = json["event"];
    static const std::set<std::string> ours{
        "pusher:pong",
        "pusher:error",
        "pusher:subscription_error",
        "pusher_internal:subscription_succeeded",
        "pusher_internal:member_added",
        "pusher_internal:member_removed"};
    if (event.starts_with("client-")) return require(json.contains("channel"));
    require(ours.contains(event));
    if (event == "pusher:pong") return;
    require(json["data"].is_string());
    require(Json::parse(json["data"].get<std::string>(), nullptr, false).is_object());
}

void check_all(Client& client) {
    for (const std::string& frame : client.link.take_sent()) check(frame);
    require(client.link.sent_after_close == 0);
}

void configure(config::AppSettings& settings, unsigned bits) {
    settings.accept_client_events_from = static_cast<config::ClientEventSenders>(bits % 3);
    settings.subscription_errors = static_cast<config::SubscriptionErrors>(bits / 4 % 3);
    if ((bits & 16) != 0) settings.channel_charset = config::ChannelCharset::lenient;
    if ((bits & 32) != 0) settings.rate_limiting = {true, 3, std::chrono::seconds{60}, true};
    if ((bits & 64) != 0) settings.max_subscriptions = 2;
    if ((bits & 128) != 0) settings.max_presence_members = 1;
}

}  // namespace

// First byte: the app's settings. The rest: lines, each a message of one client. A line that begins
// with `+` is the channel_data of a well-signed presence subscription.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    SessionWorld world;
    configure(world.settings(), data[0]);
    const auto neighbour = world.connect(1);
    neighbour->say(subscribe("room"));
    neighbour->say(subscribe_as(1, room, R"({"user_id":"neighbour"})"));
    const auto client = world.connect(2);

    const std::string lines(data + 1, data + size);
    for (std::size_t at = 0; at < lines.size() && !client->link.closed;) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        const std::string line = lines.substr(at, end - at);
        at = end + 1;
        client->session->on_message(
            line.starts_with('+') ? subscribe_as(2, room, line.substr(1)) : line
        );
        require(!client->session->is_busy());
        check_all(*client);
        check_all(*neighbour);
    }
    client->session.reset();
    check_all(*neighbour);
    require(world.hub().home().stats({0, room}).subscriptions <= 1);
    require(world.connections_of_app().open == 1);
    return 0;
}
