// SPDX-License-Identifier: MIT
#include "bus_message.hpp"

#include "fanfare/protocol/json.hpp"

#include <utility>

namespace fanfare::cluster::reverb {

namespace {

using protocol::is_null;
using protocol::RawJson;
using protocol::string_value;

std::string_view unless_null(std::string_view raw) {
    return is_null(raw) ? std::string_view() : raw;
}

/// Nothing if there is none, or no array of strings. PHP writes an array as an object as soon as
/// an element has been taken out of it.
std::optional<std::vector<std::string>> read_channels(const RawJson& payload) {
    std::vector<std::string> channels;
    const std::string_view raw = unless_null(payload.find("channels"));
    if (raw.empty()) {
        auto channel = string_value(payload.find("channel"));
        if (!channel) return std::nullopt;
        channels.push_back(*std::move(channel));
        return channels;
    }
    const auto list = RawJson::parse(raw);
    if (!list) return std::nullopt;
    for (const std::string_view item : list->values()) {
        auto channel = string_value(item);
        if (!channel) return std::nullopt;
        channels.push_back(*std::move(channel));
    }
    return channels;
}

BusMessage decode_event(std::string app_id, const RawJson& envelope, const RawJson& payload) {
    auto event = string_value(payload.find("event"));
    if (!event) return Unusable{"message without an event name"};
    auto channels = read_channels(payload);
    if (!channels) return Unusable{"message without channels"};
    return BusEvent{
        .app_id = std::move(app_id),
        .event = *std::move(event),
        .channels = *std::move(channels),
        .data = std::string(payload.find("data")),
        .user_id = std::string(unless_null(payload.find("user_id"))),
        // What is no string is no socket's id: nobody is left out.
        .socket_id = string_value(envelope.find("socket_id")),
    };
}

BusMessage decode_terminate(std::string app_id, const RawJson& payload) {
    const std::string_view raw = payload.find("user_id");
    if (auto text = string_value(raw)) return BusTerminate{std::move(app_id), *std::move(text)};
    // A number stands for its digits, as everywhere with user ids.
    if (raw.empty() || raw.find_first_not_of("0123456789-") != std::string_view::npos) {
        return Unusable{"terminate without a user id"};
    }
    return BusTerminate{std::move(app_id), std::string(raw)};
}

BusMessage decode_for_app(const RawJson& envelope, bool is_event) {
    const auto application = string_value(envelope.find("application"));
    auto app_id = application ? application_id(*application) : std::nullopt;
    if (!app_id) return Unusable{"no readable application"};
    const auto payload = RawJson::parse(envelope.find("payload"), max_bus_depth);
    if (!payload || !payload->is_object()) return Unusable{"payload is no object"};
    if (is_event) return decode_event(*std::move(app_id), envelope, *payload);
    return decode_terminate(*std::move(app_id), *payload);
}

BusMessage decode_metric(const RawJson& envelope) {
    const auto serialized = string_value(envelope.find("payload"));
    auto metric = serialized ? read_metric(*serialized) : std::nullopt;
    if (!metric) return Unusable{"no readable metric"};
    return *std::move(metric);
}

BusMessage decode_answer(std::string type, const RawJson& envelope) {
    if (!is_metric_key(type)) return Unusable{"unknown type"};
    const std::string_view payload = envelope.find("payload");
    if (!payload.starts_with('{') && !payload.starts_with('[')) {
        return Unusable{"payload is neither object nor array"};
    }
    return MetricAnswer{std::move(type), std::string(payload)};
}

}  // namespace

BusMessage decode(std::string_view bytes) {
    const auto envelope = RawJson::parse(bytes, max_bus_depth);
    if (!envelope || !envelope->is_object()) return Unusable{"not a JSON object"};
    auto type = string_value(envelope->find("type"));
    if (!type) return Unusable{"no type"};
    if (*type == "message" || *type == "terminate") {
        return decode_for_app(*envelope, *type == "message");
    }
    if (*type == "metrics") return decode_metric(*envelope);
    return decode_answer(*std::move(type), *envelope);
}

}  // namespace fanfare::cluster::reverb
