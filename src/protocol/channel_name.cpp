// SPDX-License-Identifier: MIT
#include "fanfare/protocol/channel_name.hpp"

#include "fanfare/protocol/json.hpp"

#include <algorithm>
#include <array>

namespace fanfare::protocol {

namespace {

constexpr std::array<std::string_view, 4> cache_prefixes{
    "cache-", "private-cache-", "presence-cache-", "private-encrypted-cache-"};

bool is_strict_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-=@,.;").find(c) != std::string_view::npos;
}

bool is_lenient_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '"' && c != '\\' && c != '/';
}

}  // namespace

ChannelKind kind_of(std::string_view channel) {
    ChannelKind kind;
    kind.is_presence = channel.starts_with("presence-");
    kind.needs_auth = kind.is_presence || channel.starts_with("private-");
    kind.is_cache = std::ranges::any_of(cache_prefixes, [channel](std::string_view prefix) {
        return channel.starts_with(prefix);
    });
    kind.is_reserved = channel.starts_with('#');
    return kind;
}

bool is_user_channel(std::string_view channel) {
    if (!channel.starts_with(user_channel_prefix)) return false;
    const std::size_t length = character_count(channel) - user_channel_prefix.size();
    return length != 0 && length <= max_user_id_length;
}

std::string user_channel(std::string_view user_id) {
    return std::string(user_channel_prefix).append(user_id);
}

std::string watchers_channel(std::string_view user_id) {
    return std::string(watchers_channel_prefix).append(user_id);
}

bool is_valid_channel_name(std::string_view channel, const NameRules& rules) {
    if (character_count(channel) > rules.max_length) return false;
    return !channel.empty() &&
           std::ranges::all_of(
               channel, rules.is_lenient ? is_lenient_character : is_strict_character
           );
}

}  // namespace fanfare::protocol
