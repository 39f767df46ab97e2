// SPDX-License-Identifier: MIT
#include "bus_message.hpp"

#include "fanfare/protocol/json.hpp"

#include <utility>

namespace fanfare::cluster::reverb {

namespace {

using protocol::append_json_string;
using protocol::RawJson;

std::optional<std::string> checked(std::string text) {
    if (!RawJson::parse(text, max_bus_depth)) return std::nullopt;
    return text;
}

/// Up to the payload.
std::string begin_message(std::string_view type, const ApplicationText& application) {
    std::string text = "{\"type\":\"";
    text += type;
    text += R"(","application":)";
    text += application.quoted();
    text += R"(,"payload":)";
    return text;
}

std::optional<std::string> finish_event(
    std::string text, const std::optional<std::string>& socket_id
) {
    if (socket_id) {
        text += R"(,"socket_id":)";
        append_json_string(text, *socket_id);
    }
    text += '}';
    return checked(std::move(text));
}

}  // namespace

std::optional<std::string> encode_event(
    const ApplicationText& application,
    std::string_view event,
    const std::vector<std::string>& channels,
    std::string_view data,
    const std::optional<std::string>& socket_id
) {
    std::string text = begin_message("message", application);
    text += R"({"event":)";
    append_json_string(text, event);
    text += R"(,"channels":[)";
    for (const std::string& channel : channels) {
        if (&channel != &channels.front()) text += ',';
        append_json_string(text, channel);
    }
    text += R"(],"data":)";
    append_json_string(text, data);
    text += '}';
    return finish_event(std::move(text), socket_id);
}

std::optional<std::string> encode_channel_event(
    const ApplicationText& application,
    std::string_view event,
    std::string_view channel,
    std::string_view data,
    std::string_view user_id,
    const std::optional<std::string>& socket_id
) {
    std::string text = begin_message("message", application);
    text += R"({"event":)";
    append_json_string(text, event);
    text += R"(,"channel":)";
    append_json_string(text, channel);
    if (!data.empty()) {
        text += R"(,"data":)";
        text += data;
    }
    if (!user_id.empty()) {
        text += R"(,"user_id":)";
        text += user_id;
    }
    text += '}';
    return finish_event(std::move(text), socket_id);
}

std::optional<std::string> encode_terminate(
    const ApplicationText& application, std::string_view user_id
) {
    std::string text = begin_message("terminate", application);
    text += R"({"user_id":)";
    append_json_string(text, user_id);
    text += "}}";
    return checked(std::move(text));
}

std::optional<std::string> encode_metric(
    std::string_view key, const ApplicationText& application, const Metric& metric
) {
    std::string text = R"({"type":"metrics","payload":)";
    append_json_string(text, serialize_metric(key, application, metric));
    text += '}';
    return checked(std::move(text));
}

std::optional<std::string> encode_answer(std::string_view key, std::string_view payload) {
    if (!is_metric_key(key) || !RawJson::parse(payload, max_bus_depth - 1)) return std::nullopt;
    std::string text = "{\"type\":\"";
    text += key;
    text += R"(","payload":)";
    text += payload;
    text += '}';
    return text;
}

}  // namespace fanfare::cluster::reverb
