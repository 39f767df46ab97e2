// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace fanfare::protocol {

/// What a channel's name says about it (protocol.md 3.1). The longest prefix wins; case matters.
struct ChannelKind {
    bool needs_auth = false;   ///< `private-…` and `presence-…`
    bool is_presence = false;  ///< `presence-…`
    bool is_reserved = false;  ///< `#…`: nobody may subscribe
};

[[nodiscard]] ChannelKind kind_of(std::string_view channel);

struct NameRules {
    std::size_t max_length = 200;  ///< in characters
    bool is_lenient = false;       ///< any UTF-8 but control characters, space, `"`, `\`, `/`
};

/// Whether `channel` is a name a client may subscribe to or an app may publish to, apart from `#…`
/// names, for which only the characters after the `#` are looked at (protocol.md 2.6).
[[nodiscard]] bool is_valid_channel_name(std::string_view channel, const NameRules& rules);

}  // namespace fanfare::protocol
