// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

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

/// Lets maps keyed by ChannelKey be searched by ChannelRef. Keyed anew in each process: clients
/// choose the names, and must not be able to choose names that all lie in one bucket.
struct ChannelHash {
    using is_transparent = void;

    std::size_t operator()(ChannelRef channel) const;
};

struct ChannelEqual {
    using is_transparent = void;

    bool operator()(ChannelRef a, ChannelRef b) const { return a == b; }
};

/// The shard that decides everything about `channel`.
[[nodiscard]] inline unsigned home_of(ChannelRef channel, unsigned shards) {
    // The upper half, because the tables of a home go by the lower one.
    return shards == 1 ? 0 : static_cast<unsigned>((ChannelHash{}(channel) >> 32) % shards);
}

}  // namespace fanfare::channels
