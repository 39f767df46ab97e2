// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/presence.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fanfare::cluster {

/// A node in this node's own short notation.
using Holder = std::uint32_t;

constexpr Holder self = 0;

/// This node's copy of the users of one presence channel, and of which nodes hold connections of
/// each. A user is there as long as anybody holds one. Saying the same thing twice changes nothing.
class Roster {
public:
    /// True if the user was not there before.
    bool join(Holder holder, const channels::Member& member);

    /// The user's id as JSON if that was the last holder.
    std::optional<std::string> leave(Holder holder, const std::string& user_id);

    [[nodiscard]] bool holds(Holder holder, const std::string& user_id) const;

    /// Whether nobody but `holder` holds the user.
    [[nodiscard]] bool holds_alone(Holder holder, const std::string& user_id) const;

    struct Holding {
        std::string user_id;
        Holder holder;
    };

    /// The holdings that `is_wrong`.
    [[nodiscard]] std::vector<Holding> find(const std::function<bool(const Holding&)>& is_wrong
    ) const;

    [[nodiscard]] const channels::Presence& presence() const { return presence_; }

    /// Of a user that is there.
    [[nodiscard]] const std::vector<Holder>& holders(const std::string& user_id) const {
        return holders_.at(user_id);
    }

private:
    channels::Presence presence_;  // a user's connections there are its holders
    std::unordered_map<std::string, std::vector<Holder>> holders_;
};

}  // namespace fanfare::cluster
