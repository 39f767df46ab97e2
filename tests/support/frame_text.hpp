// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"

#include <string>
#include <string_view>

namespace fanfare::testing {

/// The text of an encoded message, without its WebSocket header.
inline std::string_view text_of(const BufferPtr& message) {
    const std::string_view bytes = message->bytes();
    const auto length = static_cast<unsigned char>(bytes[1]);
    return bytes.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

}  // namespace fanfare::testing
