// SPDX-License-Identifier: MIT
#include "signin_request.hpp"

#include "subscribe_request.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::sessions {

using protocol::RawJson;

namespace {

/// Nothing if `raw` is not an array of strings.
std::optional<std::vector<std::string>> parse_watchlist(std::string_view raw) {
    std::vector<std::string> ids;
    if (protocol::is_null(raw)) return ids;
    const auto list = RawJson::parse(raw);
    if (!list || list->is_object()) return std::nullopt;
    for (const std::string_view value : list->values()) {
        auto id = protocol::string_value(value);
        if (!id) return std::nullopt;
        if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(*std::move(id));
    }
    return ids;
}

}  // namespace

std::optional<SigninRequest> SigninRequest::parse(std::string_view raw_data) {
    const std::string text = object_text(raw_data);
    const auto data = RawJson::parse(text);
    if (!data || !data->is_object()) return std::nullopt;
    auto auth = protocol::string_value(data->find("auth"));
    auto user_data = protocol::string_value(data->find("user_data"));
    if (!auth || !user_data) return std::nullopt;
    return SigninRequest{*std::move(auth), *std::move(user_data)};
}

std::variant<User, std::string> parse_user(std::string_view user_data) {
    const auto data = RawJson::parse(user_data);
    if (!data || !data->is_object()) return "user_data is not a JSON object.";
    User user;
    user.id = protocol::string_value(data->find("id")).value_or("");
    if (user.id.empty()) return "user_data needs an id: a string that is not empty.";
    if (protocol::character_count(user.id) > protocol::max_user_id_length) {
        return "The id of the user is longer than " + std::to_string(protocol::max_user_id_length) +
               " characters.";
    }
    const std::string_view user_info = data->find("user_info");
    user.user_info_json = protocol::is_null(user_info) ? "{}" : user_info;
    auto watchlist = parse_watchlist(data->find("watchlist"));
    if (!watchlist) return "The watchlist is not a list of user ids, which are strings.";
    user.watchlist = *std::move(watchlist);
    return user;
}

}  // namespace fanfare::sessions
