// SPDX-License-Identifier: MIT
#include "fanfare/protocol/webhook_events.hpp"

#include "fanfare/protocol/json.hpp"

namespace fanfare::protocol::webhook_events {

namespace {

/// `{"name":NAME,"channel":CHANNEL`, still open.
std::string begin(std::string_view name, std::string_view channel) {
    std::string text = R"({"name":)";
    append_json_string(text, name);
    text += R"(,"channel":)";
    append_json_string(text, channel);
    return text;
}

void append_user_id(std::string& text, std::string_view user_id) {
    text += R"(,"user_id":)";
    append_json_string(text, user_id);
}

std::string of_channel(std::string_view name, std::string_view channel) {
    return begin(name, channel) + "}";
}

std::string of_member(std::string_view name, std::string_view channel, std::string_view user_id) {
    std::string text = begin(name, channel);
    append_user_id(text, user_id);
    text.push_back('}');
    return text;
}

}  // namespace

std::string channel_occupied(std::string_view channel) {
    return of_channel("channel_occupied", channel);
}

std::string channel_vacated(std::string_view channel) {
    return of_channel("channel_vacated", channel);
}

std::string member_added(std::string_view channel, std::string_view user_id) {
    return of_member("member_added", channel, user_id);
}

std::string member_removed(std::string_view channel, std::string_view user_id) {
    return of_member("member_removed", channel, user_id);
}

std::string client_event(
    std::string_view channel,
    std::string_view event,
    std::string_view data_json,
    SocketId socket,
    std::optional<std::string_view> user_id
) {
    std::string text = begin("client_event", channel);
    text += R"(,"event":)";
    append_json_string(text, event);
    text += R"(,"data":)";
    if (is_string(data_json)) {
        text += data_json;
    } else {
        append_json_string(text, data_json.empty() ? "null" : data_json);
    }
    text += R"(,"socket_id":)";
    append_json_string(text, to_string(socket));
    if (user_id) append_user_id(text, *user_id);
    text.push_back('}');
    return text;
}

std::string cache_miss(std::string_view channel) {
    return of_channel("cache_miss", channel);
}

std::string subscription_count(std::string_view channel, std::uint64_t count) {
    return begin("subscription_count", channel) + R"(,"subscription_count":)" +
           std::to_string(count) + "}";
}

}  // namespace fanfare::protocol::webhook_events
