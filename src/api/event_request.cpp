// SPDX-License-Identifier: MIT
#include "event_request.hpp"

#include "field_errors.hpp"
#include "replies.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"
#include "fanfare/protocol/json.hpp"

#include <set>

namespace fanfare::api {

using protocol::RawJson;

namespace {

constexpr std::string_view required = "is required.";
constexpr std::string_view must_be_string = "must be a string.";
constexpr std::string_view must_be_array = "must be an array.";

/// The fields of one event, typed but not yet checked against the app's limits. `data` stays raw:
/// it is a JSON string that goes into the frame as it came.
struct EventFields {
    std::string name;
    std::string_view data_json;
    std::size_t data_bytes = 0;  // of what subscribers get, without JSON's escapes
    std::vector<std::string> channels;
    std::string socket_id;
    std::string info;
};

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\n\r\v\f") == std::string_view::npos;
}

bool is_empty_array(std::string_view raw) {
    return raw.starts_with('[') && is_blank(raw.substr(1, raw.size() - 2));
}

/// Reads one event the way Reverb's validator does, one field after the other.
class EventReader {
public:
    EventReader(const RawJson& event, std::string path, FieldErrors& errors)
        : event_(event), path_(std::move(path)), errors_(errors) {}

    EventFields read() {
        EventFields fields;
        fields.name = read_required("name");
        fields.data_bytes = read_required("data").size();
        if (fields.data_bytes != 0) fields.data_json = event_.find("data");
        read_channels(fields);
        fields.socket_id = read_optional("socket_id");
        fields.info = read_optional("info");
        return fields;
    }

private:
    void fault(std::string_view field, std::string_view text) {
        errors_.add(path_ + std::string(field), text);
    }

    /// The text is empty if it is not a string or not there.
    std::string read_required(std::string_view field) {
        const std::string_view raw = event_.find(field);
        const auto text = protocol::string_value(raw);
        const bool may_be_blank = field == "data";
        if (protocol::is_null(raw) || is_empty_array(raw) ||
            (text && (text->empty() || (!may_be_blank && is_blank(*text))))) {
            fault(field, required);
        } else if (!text) {
            fault(field, must_be_string);
        }
        return text.value_or("");
    }

    std::string read_optional(std::string_view field) {
        const std::string_view raw = event_.find(field);
        if (raw.empty()) return {};
        auto text = protocol::string_value(raw);
        if (!text) fault(field, must_be_string);
        return text.value_or("");
    }

    void read_channels(EventFields& fields) {
        const std::string_view many = event_.find("channels");
        const std::string_view one = event_.find("channel");
        const bool has_many = !protocol::is_null(many) && !is_empty_array(many) && many != R"("")";
        const bool has_one = !protocol::is_null(one) && one != R"("")";
        if (has_many) {
            read_list(many, fields);
        } else if (!has_one) {
            fault("channels", "is required when channel is not present.");
        }
        if (!has_one && !has_many) {
            fault("channel", "is required when channels is not present.");
        } else if (!one.empty() && !protocol::is_string(one)) {
            fault("channel", must_be_string);
        } else if (has_one && !has_many) {
            fields.channels.push_back(protocol::string_value(one).value_or(""));
        }
    }

    void read_list(std::string_view raw, EventFields& fields) {
        const auto list = RawJson::parse(raw);
        if (!list || list->is_object()) return fault("channels", must_be_array);
        std::set<std::string> known;
        for (std::size_t i = 0; i < list->values().size(); ++i) {
            auto channel = protocol::string_value(list->values()[i]);
            if (!channel) {
                fault("channels." + std::to_string(i), must_be_string);
            } else if (known.insert(*channel).second) {
                fields.channels.push_back(std::move(*channel));
            }
        }
    }

    const RawJson& event_;
    std::string path_;
    FieldErrors& errors_;
};

/// The refusal of a limit, or of what is not well formed.
Refusal refused(Counter cause, std::string text) {
    return {text_reply(400, std::move(text)), cause};
}

/// How the app's limits refuse the event; `place` stands in front of the text.
std::optional<Refusal> find_limit_fault(
    const EventFields& fields, const config::AppSettings& limits, const std::string& place = ""
) {
    if (protocol::character_count(fields.name) > limits.max_event_name_length) {
        return refused(
            Counter::api_event_name_length,
            place + "The event name is longer than " +
                std::to_string(limits.max_event_name_length) +
                " characters (max_event_name_length)."
        );
    }
    if (!limits.allow_reserved_event_names &&
        (fields.name.starts_with("pusher:") || fields.name.starts_with("pusher_internal:"))) {
        return refused(
            Counter::api_event_name_reserved,
            place + "Event names that begin with pusher: or pusher_internal: are reserved."
        );
    }
    if (limits.max_event_data != 0 && fields.data_bytes > limits.max_event_data) {
        return refused(
            Counter::api_event_data_size,
            place + "The event data is larger than " + std::to_string(limits.max_event_data) +
                " bytes (max_event_data)."
        );
    }
    if (fields.channels.size() > limits.max_channels_per_event) {
        return refused(
            Counter::api_channels_per_event,
            place + "An event may go to " + std::to_string(limits.max_channels_per_event) +
                " channels at most (max_channels_per_event); this one names " +
                std::to_string(fields.channels.size()) + "."
        );
    }
    const protocol::NameRules rules{
        limits.max_channel_name_length, limits.channel_charset == config::ChannelCharset::lenient};
    for (const std::string& channel : fields.channels) {
        // Of users, whose ids may have any characters; no other name may begin with a #.
        const bool is_valid = protocol::kind_of(channel).is_reserved
                                  ? protocol::is_user_channel(channel)
                                  : protocol::is_valid_channel_name(channel, rules);
        if (!is_valid) {
            return refused(
                Counter::api_channel_name,
                place + "Invalid channel name " + protocol::json_string(channel) + "."
            );
        }
    }
    return std::nullopt;
}

EventRequest to_request(
    const EventFields& fields, AppIndex app, const config::AppSettings& settings
) {
    EventRequest request;
    const auto except = protocol::parse_socket_id(fields.socket_id);
    for (const std::string& channel : fields.channels) {
        request.publications.push_back(
            {{app, channel},
             EncodedFrame(protocol::frames::event(fields.name, fields.data_json, channel)),
             except,
             protocol::kind_of(channel).is_cache ? std::optional(settings.cache_ttl) : std::nullopt}
        );
    }
    if (!fields.info.empty()) request.info = Attributes::parse(fields.info);
    return request;
}

Refusal not_an_object() {
    return refused(Counter::api_malformed, "The body is not a JSON object.");
}

Refusal wrong_fields(const FieldErrors& errors) {
    return {json_reply(422, errors.to_json()), Counter::api_malformed};
}

}  // namespace

std::variant<EventRequest, Refusal> parse_event(
    std::string_view body, AppIndex app, const config::AppSettings& limits
) {
    const auto event = RawJson::parse(body);
    if (!event || !event->is_object()) return not_an_object();
    FieldErrors errors;
    const EventFields fields = EventReader(*event, "", errors).read();
    if (!errors.is_empty()) return wrong_fields(errors);
    if (auto refusal = find_limit_fault(fields, limits)) return std::move(*refusal);
    return to_request(fields, app, limits);
}

std::variant<std::vector<EventRequest>, Refusal> parse_batch(
    std::string_view body, AppIndex app, const config::AppSettings& limits
) {
    const auto object = RawJson::parse(body);
    if (!object || !object->is_object()) return not_an_object();
    FieldErrors errors;
    const std::string_view raw = object->find("batch");
    const auto batch = RawJson::parse(raw);
    if (protocol::is_null(raw) || is_empty_array(raw) || raw == R"("")") {
        errors.add("batch", required);
    } else if (!batch || batch->is_object()) {
        errors.add("batch", must_be_array);
    }
    if (!errors.is_empty()) return wrong_fields(errors);
    if (batch->values().size() > limits.max_batch_size) {
        return refused(
            Counter::api_batch_size,
            "Cannot batch-send more than " + std::to_string(limits.max_batch_size) +
                " messages at once"
        );
    }

    std::vector<EventFields> all;
    for (std::size_t i = 0; i < batch->values().size(); ++i) {
        const std::string path = "batch." + std::to_string(i);
        const auto event = RawJson::parse(batch->values()[i]);
        if (!event || !event->is_object()) {
            errors.add(path, must_be_array);
        } else {
            all.push_back(EventReader(*event, path + ".", errors).read());
        }
    }
    if (!errors.is_empty()) return wrong_fields(errors);
    std::vector<EventRequest> requests;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto refusal = find_limit_fault(all[i], limits, "batch." + std::to_string(i) + ": ");
        if (refusal) return std::move(*refusal);
        requests.push_back(to_request(all[i], app, limits));
    }
    return requests;
}

}  // namespace fanfare::api
