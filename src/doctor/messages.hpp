// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace fanfare::doctor {

/// A message of the server's, as far as one looks at it; what is missing or malformed is empty.
struct Message {
    std::string event;
    std::string channel;
    std::string data;       ///< its text
    std::string socket_id;  ///< of `data`
    int code = 0;           ///< of `data`
    std::string text;       ///< of `data`: `message`
};

[[nodiscard]] Message parse_message(std::string_view json);

}  // namespace fanfare::doctor
