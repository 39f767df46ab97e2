// SPDX-License-Identifier: MIT
#include "visit.hpp"

#include "messages.hpp"
#include "signed_request.hpp"

#include "fanfare/base/random.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace fanfare::doctor {

namespace {

using Clock = std::chrono::steady_clock;

/// Does it, which fills in the visit, and notes how it went.
template <typename Attempt>
Visit visited(Attempt attempt) {
    Visit visit;
    const auto start = Clock::now();
    try {
        attempt(visit);
    } catch (const probe::Failure& failure) {
        visit.trouble = {failure.stage(), failure.what()};
    }
    visit.latency = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    visit.at = std::chrono::system_clock::now();
    return visit;
}

Visit ask(const probe::Target& target, const probe::Request& request) {
    return visited([&](Visit& visit) {
        probe::Client client(target, patience);
        visit.certificate = client.certificate();
        visit.answer = client.ask(request);
    });
}

/// What its channels begin with.
constexpr const char* channel_prefix = "private-fanfare-doctor-";

std::string api_path(const Credentials& app, const std::string& end) {
    return "/apps/" + url_escaped(app.app_id) + end;
}

std::string random_channel() {
    return channel_prefix + std::to_string(make_secure_random()());
}

/// Reads until that event comes; what is said instead, or nothing.
std::string wait_for(probe::Client& socket, const std::string& event, const std::string& channel) {
    for (;;) {
        const Message message = parse_message(socket.receive());
        if (message.event == event && message.channel == channel) return {};
        if (message.event == "pusher:error" || message.event == "pusher:subscription_error") {
            return message.event + " " + message.data;
        }
        if (message.event == "pusher:ping") socket.send(R"({"event":"pusher:pong","data":{}})");
    }
}

std::string go_round(
    Knock& client, const probe::Target& api, const std::string& prefix, const Credentials& app
) {
    const std::string channel = random_channel();
    const std::string socket_id = parse_message(client.visit.message).socket_id;
    const nlohmann::json subscription{
        {"event", "pusher:subscribe"},
        {"data", {{"channel", channel}, {"auth", channel_auth(socket_id, channel, app)}}}};
    client.socket->send(subscription.dump());
    const std::string subscribed = "pusher_internal:subscription_succeeded";
    const std::string refusal = wait_for(*client.socket, subscribed, channel);
    if (!refusal.empty()) return "the subscription is refused: " + refusal;
    const nlohmann::json event{{"name", "fanfare-doctor"}, {"channels", {channel}}, {"data", "{}"}};
    const Visit publication =
        ask(api, signed_request("POST", prefix, api_path(app, "/events"), event.dump(), app));
    if (publication.trouble) return "publishing failed: " + publication.trouble->text;
    if (publication.answer->status != 200) {
        return "publishing is answered with " + std::to_string(publication.answer->status) + ": " +
               publication.answer->body;
    }
    return wait_for(*client.socket, "fanfare-doctor", channel);
}

}  // namespace

Visit get(const probe::Target& target, const std::string& path) {
    probe::Request request;
    request.path = path;
    return ask(target, request);
}

Visit list_channels(
    const probe::Target& target, const std::string& prefix, const Credentials& app
) {
    const std::string end = std::string("/channels?filter_by_prefix=") + channel_prefix;
    return ask(target, signed_request("GET", prefix, api_path(app, end), "", app));
}

Knock connect(
    const probe::Target& target,
    const std::string& prefix,
    const std::string& key,
    const std::string& origin
) {
    Knock knock;
    knock.visit = visited([&](Visit& visit) {
        auto socket = std::make_unique<probe::Client>(target, patience);
        visit.certificate = socket->certificate();
        probe::Headers headers;
        if (!origin.empty()) headers.emplace_back("Origin", origin);
        const std::string path =
            prefix + "/app/" + url_escaped(key) + "?protocol=7&client=fanfare-doctor";
        visit.answer = socket->upgrade(path, headers);
        if (visit.answer) return;
        visit.message = socket->receive();
        if (parse_message(visit.message).event == "pusher:connection_established") {
            knock.socket = std::move(socket);
        }
    });
    return knock;
}

RoundTrip send_round(
    Knock& client, const probe::Target& api, const std::string& prefix, const Credentials& app
) {
    RoundTrip trip;
    const auto start = Clock::now();
    try {
        trip.trouble = go_round(client, api, prefix, app);
    } catch (const probe::Failure& failure) {
        trip.trouble = std::string("the event does not arrive: ") + failure.what();
    }
    trip.latency = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return trip;
}

}  // namespace fanfare::doctor
