// SPDX-License-Identifier: MIT
#include "messages.hpp"

#include <nlohmann/json.hpp>

namespace fanfare::doctor {

namespace {

std::string text_in(const nlohmann::json& object, const char* key) {
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

Message parse_message(std::string_view json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    Message message;
    if (!parsed.is_object()) return message;
    message.event = text_in(parsed, "event");
    message.channel = text_in(parsed, "channel");
    message.data = text_in(parsed, "data");
    const auto data = nlohmann::json::parse(message.data, nullptr, false);
    if (!data.is_object()) return message;
    message.socket_id = text_in(data, "socket_id");
    message.text = text_in(data, "message");
    const auto code = data.find("code");
    if (code != data.end() && code->is_number_integer()) message.code = code->get<int>();
    return message;
}

}  // namespace fanfare::doctor
