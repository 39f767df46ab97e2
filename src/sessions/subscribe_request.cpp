// SPDX-License-Identifier: MIT
#include "subscribe_request.hpp"

#include "fanfare/protocol/json.hpp"

namespace fanfare::sessions {

using protocol::RawJson;

namespace {

/// The string in `raw`; empty if it is absent or null. Nothing for another type.
std::optional<std::string> optional_string(std::string_view raw) {
    if (protocol::is_null(raw)) return std::string();
    return protocol::string_value(raw);
}

bool is_object_text(std::string_view text) {
    const auto json = RawJson::parse(text);
    return json && json->is_object();
}

/// A string's content, or a number as it is written; empty for anything else.
std::string identity_of(std::string_view raw_user_id) {
    if (raw_user_id.empty()) return {};
    if (protocol::is_string(raw_user_id)) return protocol::string_value(raw_user_id).value_or("");
    const char first = raw_user_id.front();
    const bool is_number = first == '-' || (first >= '0' && first <= '9');
    return is_number ? std::string(raw_user_id) : std::string();
}

/// The signed object with `{}` for a `user_info` that is not there or null. `user_info` is a view
/// into it.
std::string with_user_info(std::string_view channel_data, std::string_view user_info) {
    std::string text(channel_data);
    if (user_info.empty()) {
        text.resize(text.rfind('}'));
        text += R"(,"user_info":{}})";
    } else if (protocol::is_null(user_info)) {
        const auto begin = static_cast<std::size_t>(user_info.data() - channel_data.data());
        text.replace(begin, user_info.size(), "{}");
    }
    return text;
}

}  // namespace

std::string object_text(std::string_view raw_data) {
    if (!protocol::is_string(raw_data)) return std::string(raw_data);
    return protocol::string_value(raw_data).value_or("");
}

std::optional<SubscribeRequest> SubscribeRequest::parse(std::string_view raw_data) {
    const std::string text = object_text(raw_data);
    const auto data = RawJson::parse(text);
    if (!data || !data->is_object()) return std::nullopt;
    auto channel = protocol::string_value(data->find("channel"));
    if (!channel) return std::nullopt;

    SubscribeRequest request;
    request.channel = std::move(*channel);
    request.kind = protocol::kind_of(request.channel);
    auto auth = optional_string(data->find("auth"));
    auto channel_data = optional_string(data->find("channel_data"));
    request.is_well_formed =
        auth && channel_data && (channel_data->empty() || is_object_text(*channel_data));
    if (request.is_well_formed) {
        request.auth = std::move(*auth);
        request.channel_data = std::move(*channel_data);
    }
    return request;
}

std::optional<channels::Member> parse_member(std::string_view channel_data) {
    const auto data = RawJson::parse(channel_data);
    if (!data || !data->is_object()) return std::nullopt;
    channels::Member member;
    member.user_id_json = data->find("user_id");
    member.user_id = identity_of(member.user_id_json);
    if (member.user_id.empty()) return std::nullopt;
    const std::string_view user_info = data->find("user_info");
    member.user_info_json = protocol::is_null(user_info) ? "{}" : user_info;
    member.channel_data_json = with_user_info(channel_data, user_info);
    return member;
}

}  // namespace fanfare::sessions
