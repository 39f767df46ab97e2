// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/sessions/passing.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fanfare::sessions {

/// The `data` of a `pusher:signin`.
struct SigninRequest {
    std::string auth;
    std::string user_data;  ///< JSON text, as it was signed

    /// Nothing if there is no object with these two strings.
    [[nodiscard]] static std::optional<SigninRequest> parse(std::string_view raw_data);
};

/// What a session keeps of its user.
struct SignedIn {
    User user;
    std::string user_data;        ///< of the sign-in under way
    std::size_t watch_joins = 0;  ///< under way, to hear of the watchlist
};

/// The user that signed `user_data` names, or for a person why there is none (protocol.md 2.4).
[[nodiscard]] std::variant<User, std::string> parse_user(std::string_view user_data);

}  // namespace fanfare::sessions
