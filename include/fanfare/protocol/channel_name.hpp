// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fanfare::protocol {

/// What a channel's name says about it (protocol.md 3.1). The longest prefix wins; case matters.
struct ChannelKind {
    bool needs_auth = false;   ///< `private-…` and `presence-…`
    bool is_presence = false;  ///< `presence-…`
    bool is_cache = false;  ///< `cache-…`, also after `private-`, `presence-`, `private-encrypted-`
    bool is_reserved = false;  ///< `#…`: nobody may subscribe
};

[[nodiscard]] ChannelKind kind_of(std::string_view channel);

/// Channels that no client subscribes to by itself. All connections that are signed in as a user
/// are in the user's channel, to which the app may publish; all that have a user on their watchlist
/// are in the channel of its watchers.
inline constexpr std::size_t max_user_id_length = 128;  ///< in characters
inline constexpr std::string_view user_channel_prefix = "#server-to-user-";
inline constexpr std::string_view watchers_channel_prefix = "#watchers-of-user-";

/// Whether it is the channel of a user who could sign in.
[[nodiscard]] bool is_user_channel(std::string_view channel);

[[nodiscard]] std::string user_channel(std::string_view user_id);
[[nodiscard]] std::string watchers_channel(std::string_view user_id);

struct NameRules {
    std::size_t max_length = 200;  ///< in characters
    bool is_lenient = false;       ///< any UTF-8 but control characters, space, `"`, `\`, `/`
};

/// Whether `channel` is a name a client may subscribe to or an app may publish to, apart from `#…`
/// names (protocol.md 2.6).
[[nodiscard]] bool is_valid_channel_name(std::string_view channel, const NameRules& rules);

}  // namespace fanfare::protocol
