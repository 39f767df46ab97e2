// SPDX-License-Identifier: MIT
#include "attributes.hpp"

#include "fanfare/protocol/channel_name.hpp"

#include <algorithm>
#include <chrono>

namespace fanfare::api {

namespace {

/// The event as subscribers get it, with the seconds that it will be kept.
std::string to_json(const channels::CachedEvent& cached) {
    std::string json(cached.event.text());
    if (!cached.time_left) return json;
    json.pop_back();
    const auto ttl = std::chrono::ceil<std::chrono::seconds>(*cached.time_left);
    return json + R"(,"ttl":)" + std::to_string(ttl.count()) + "}";
}

}  // namespace

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
        wanted.cache |= name == "cache";
    }
    return wanted;
}

std::string to_json(
    std::string_view channel, const channels::ChannelStats& stats, const Attributes& wanted
) {
    const protocol::ChannelKind kind = protocol::kind_of(channel);
    std::string json = "{";
    const auto add = [&](std::string_view name, const std::string& value) {
        if (json.size() > 1) json.push_back(',');
        json.append(1, '"').append(name).append("\":").append(value);
    };
    if (wanted.occupied) add("occupied", stats.is_occupied() ? "true" : "false");
    // Counts of a channel that nobody is in would say that it exists; Reverb leaves them out.
    const bool has_counts = stats.is_occupied();
    if (has_counts && wanted.user_count && kind.is_presence)
        add("user_count", std::to_string(stats.users));
    if (has_counts && wanted.subscription_count && !kind.is_presence) {
        add("subscription_count", std::to_string(stats.subscriptions));
    }
    if (wanted.cache && kind.is_cache) add("cache", stats.cached ? to_json(*stats.cached) : "null");
    json.push_back('}');
    return json;
}

}  // namespace fanfare::api
