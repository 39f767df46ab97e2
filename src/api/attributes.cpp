// SPDX-License-Identifier: MIT
#include "attributes.hpp"

#include "fanfare/protocol/channel_name.hpp"

#include <algorithm>

namespace fanfare::api {

Attributes Attributes::parse(std::string_view info) {
    Attributes wanted;
    while (!info.empty()) {
        std::string_view name = info.substr(0, info.find(','));
        info.remove_prefix(std::min(info.size(), name.size() + 1));
        while (name.starts_with(' ')) name.remove_prefix(1);
        while (name.ends_with(' ')) name.remove_suffix(1);
        wanted.occupied |= name == "occupied";
        wanted.user_count |= name == "user_count";
        wanted.subscription_count |= name == "subscription_count";
    }
    return wanted;
}

std::string to_json(
    std::string_view channel, const channels::ChannelStats& stats, const Attributes& wanted
) {
    const bool is_presence = protocol::kind_of(channel).is_presence;
    std::string json = "{";
    const auto add = [&](std::string_view name, const std::string& value) {
        if (json.size() > 1) json.push_back(',');
        json.append(1, '"').append(name).append("\":").append(value);
    };
    if (wanted.occupied) add("occupied", stats.is_occupied() ? "true" : "false");
    // Counts of a channel that nobody is in would say that it exists; Reverb leaves them out.
    const bool has_counts = stats.is_occupied();
    if (has_counts && wanted.user_count && is_presence)
        add("user_count", std::to_string(stats.users));
    if (has_counts && wanted.subscription_count && !is_presence) {
        add("subscription_count", std::to_string(stats.subscriptions));
    }
    json.push_back('}');
    return json;
}

}  // namespace fanfare::api
