// SPDX-License-Identifier: MIT
#include "answer.hpp"
#include "bus_message.hpp"

#include "fanfare/protocol/json.hpp"

#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

namespace fanfare::cluster::reverb {

namespace {

using protocol::RawJson;

std::optional<std::uint64_t> read_count(std::string_view raw) {
    std::uint64_t count = 0;
    const char* const end = raw.data() + raw.size();
    const auto result = std::from_chars(raw.data(), end, count);
    if (raw.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
    return count;
}

std::optional<bool> read_bool(std::string_view raw) {
    if (raw != "true" && raw != "false") return std::nullopt;
    return raw == "true";
}

ChannelAttributes read_attributes(const RawJson& json) {
    ChannelAttributes attributes;
    attributes.occupied = read_bool(json.find("occupied"));
    attributes.user_count = read_count(json.find("user_count"));
    attributes.subscription_count = read_count(json.find("subscription_count"));
    const std::string_view cache = json.find("cache");
    if (!protocol::is_null(cache)) attributes.cache = cache;
    return attributes;
}

/// PHP writes an array whose keys are 0, 1, 2… as a list, also when these are names of channels.
std::string key_at(const RawJson& json, std::size_t index) {
    return json.is_object() ? json.keys()[index] : std::to_string(index);
}

void add_channels(ChannelsByName& channels, const RawJson& json) {
    for (std::size_t i = 0; i < json.values().size(); ++i) {
        const auto attributes = RawJson::parse(json.values()[i], max_bus_depth);
        if (attributes) channels[key_at(json, i)].merge(read_attributes(*attributes));
    }
}

/// The sum, or the highest number there is.
void add(std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& count) {
    if (!count) return;
    const std::uint64_t old = sum.value_or(0);
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - old;
    sum = *count > room ? old + room : old + *count;
}

}  // namespace

void ChannelAttributes::merge(const ChannelAttributes& other) {
    if (other.occupied) occupied = occupied.value_or(false) || *other.occupied;
    add(user_count, other.user_count);
    add(subscription_count, other.subscription_count);
    if (!other.cache.empty()) cache = other.cache;
}

bool AnswerMerge::add(std::string_view payload) {
    const auto json = RawJson::parse(payload, max_bus_depth);
    if (!json) return false;
    switch (type_) {
        case MetricType::channels:
            add_channels(channels_, *json);
            break;
        case MetricType::channel:
            channel_.merge(read_attributes(*json));
            break;
        case MetricType::channel_users:
            add_users(*json);
            break;
        case MetricType::connections:
            for (const std::string& id : json->keys()) add_id(id);
            break;
    }
    return true;
}

/// An object when PHP has taken duplicates out of the list.
void AnswerMerge::add_users(const RawJson& json) {
    for (const std::string_view raw : json.values()) {
        const auto user = RawJson::parse(raw, max_bus_depth);
        if (!user) continue;
        const std::string_view id = user->find("id");
        if (auto text = protocol::string_value(id)) {
            add_id(*std::move(text));
        } else if (read_count(id)) {
            add_id(std::string(id));
        }
    }
}

void AnswerMerge::add_id(std::string id) {
    if (known_ids_.insert(id).second) ids_.push_back(std::move(id));
}

}  // namespace fanfare::cluster::reverb
