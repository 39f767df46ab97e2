// SPDX-License-Identifier: MIT
#include "fanfare/protocol/channel_name.hpp"

#include "fanfare/protocol/json.hpp"

#include <algorithm>

namespace fanfare::protocol {

namespace {

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
    kind.is_reserved = channel.starts_with('#');
    return kind;
}

bool is_valid_channel_name(std::string_view channel, const NameRules& rules) {
    if (character_count(channel) > rules.max_length) return false;
    if (channel.starts_with('#')) channel.remove_prefix(1);
    return !channel.empty() &&
           std::ranges::all_of(
               channel, rules.is_lenient ? is_lenient_character : is_strict_character
           );
}

}  // namespace fanfare::protocol
