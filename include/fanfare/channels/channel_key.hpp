// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace fanfare::channels {

/// A channel of an app, for the length of a call.
struct ChannelRef {
    AppIndex app = 0;
    std::string_view name;

    friend bool operator==(const ChannelRef&, const ChannelRef&) = default;
};

/// The same, owned.
struct ChannelKey {
    AppIndex app = 0;
    std::string name;

    ChannelKey(AppIndex app_index, std::string channel_name)
        : app(app_index), name(std::move(channel_name)) {}

    explicit ChannelKey(ChannelRef ref) : app(ref.app), name(ref.name) {}

    operator ChannelRef() const {
        return {app, name};
    }  // NOLINT: the view of an owner, like string's
};

/// Lets maps keyed by ChannelKey be searched by ChannelRef.
struct ChannelHash {
    using is_transparent = void;

    std::size_t operator()(ChannelRef channel) const {
        return std::hash<std::string_view>{}(channel.name) ^ (channel.app * 0x9e3779b97f4a7c15U);
    }
};

struct ChannelEqual {
    using is_transparent = void;

    bool operator()(ChannelRef a, ChannelRef b) const { return a == b; }
};

/// The shard that decides everything about `channel`.
[[nodiscard]] inline unsigned home_of(ChannelRef channel, unsigned shards) {
    return shards == 1 ? 0 : static_cast<unsigned>(ChannelHash{}(channel) % shards);
}

}  // namespace fanfare::channels
