// SPDX-License-Identifier: MIT
#include "fanfare/protocol/frames.hpp"

#include "fanfare/protocol/json.hpp"

#include <optional>

namespace fanfare::protocol::frames {

namespace {

constexpr std::size_t envelope_bytes = 96;  // keys, quotes and the longest event name of ours

/// `{"event":E,"data":"<data escaped>"` plus the channel, if any.
std::string internal_event(
    std::string_view name, std::string_view data, std::optional<std::string_view> channel = {}
) {
    std::string text;
    text.reserve(envelope_bytes + data.size() * 2 + channel.value_or("").size());
    text += R"({"event":)";
    append_json_string(text, name);
    text += R"(,"data":)";
    append_json_string(text, data);
    if (channel) {
        text += R"(,"channel":)";
        append_json_string(text, *channel);
    }
    text.push_back('}');
    return text;
}

}  // namespace

std::string connection_established(SocketId id, std::chrono::seconds activity_timeout) {
    return internal_event(
        "pusher:connection_established",
        R"({"socket_id":")" + to_string(id) + R"(","activity_timeout":)" +
            std::to_string(activity_timeout.count()) + "}"
    );
}

std::string_view ping() {
    return R"({"event":"pusher:ping"})";
}

std::string_view pong() {
    return R"({"event":"pusher:pong"})";
}

std::string error(const Error& error) {
    std::string data = R"({"code":)" + std::to_string(error.code) + R"(,"message":)";
    append_json_string(data, error.message);
    data.push_back('}');
    return internal_event("pusher:error", data);
}

std::string subscription_succeeded(std::string_view channel) {
    return internal_event("pusher_internal:subscription_succeeded", "{}", channel);
}

std::string presence_subscription_succeeded(
    std::string_view channel, std::string_view presence_json
) {
    std::string data = R"({"presence":)";
    data += presence_json;
    data.push_back('}');
    return internal_event("pusher_internal:subscription_succeeded", data, channel);
}

std::string subscription_error(std::string_view channel, const SubscriptionRefusal& refusal) {
    std::string data = R"({"type":)";
    append_json_string(data, refusal.type);
    data += R"(,"error":)";
    append_json_string(data, refusal.error);
    data += R"(,"status":)" + std::to_string(refusal.status) + "}";
    return internal_event("pusher:subscription_error", data, channel);
}

std::string member_added(std::string_view channel, std::string_view channel_data_json) {
    return internal_event("pusher_internal:member_added", channel_data_json, channel);
}

std::string member_removed(std::string_view channel, std::string_view user_id_json) {
    std::string data = R"({"user_id":)";
    data += user_id_json;
    data.push_back('}');
    return internal_event("pusher_internal:member_removed", data, channel);
}

std::string event(std::string_view name, std::string_view data_json, std::string_view channel) {
    std::string text;
    text.reserve(envelope_bytes + name.size() + data_json.size() + channel.size());
    text += R"({"event":)";
    append_json_string(text, name);
    text += R"(,"data":)";
    text += data_json;
    text += R"(,"channel":)";
    append_json_string(text, channel);
    text.push_back('}');
    return text;
}

std::string signin_success(std::string_view user_data) {
    std::string data = R"({"user_data":)";
    append_json_string(data, user_data);
    data.push_back('}');
    return internal_event("pusher:signin_success", data);
}

std::string watchlist_events(
    std::span<const std::string_view> online, std::span<const std::string_view> offline
) {
    std::string data = R"({"events":[)";
    const auto add = [&](std::string_view name, std::span<const std::string_view> ids) {
        if (ids.empty()) return;
        if (data.back() == '}') data.push_back(',');
        data.append(R"({"name":")").append(name).append(R"(","user_ids":[)");
        for (const std::string_view id : ids) {
            if (data.back() != '[') data.push_back(',');
            append_json_string(data, id);
        }
        data += "]}";
    };
    add("online", online);
    add("offline", offline);
    data += "]}";
    return internal_event("pusher_internal:watchlist_events", data);
}

std::string subscription_count(std::string_view channel, std::uint64_t count) {
    return internal_event(
        "pusher_internal:subscription_count",
        R"({"subscription_count":)" + std::to_string(count) + "}",
        channel
    );
}

std::string cache_miss(std::string_view channel) {
    std::string text = R"({"event":"pusher:cache_miss","channel":)";
    append_json_string(text, channel);
    text.push_back('}');
    return text;
}

std::string client_event(
    std::string_view name,
    std::string_view channel,
    std::string_view data_json,
    std::string_view user_id_json
) {
    std::string text;
    text.reserve(envelope_bytes + name.size() + channel.size() + data_json.size());
    text += R"({"event":)";
    append_json_string(text, name);
    text += R"(,"channel":)";
    append_json_string(text, channel);
    text += R"(,"data":)";
    text += data_json.empty() ? "null" : data_json;
    if (!user_id_json.empty()) {
        text += R"(,"user_id":)";
        text += user_id_json;
    }
    text.push_back('}');
    return text;
}

}  // namespace fanfare::protocol::frames
