// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::protocol {

/// The public name of a connection, `123456789.987654321` (protocol.md 1.3). Never 0.0.
struct SocketId {
    std::uint32_t high = 0;
    std::uint32_t low = 0;

    friend bool operator==(const SocketId&, const SocketId&) = default;
};

[[nodiscard]] std::string to_string(SocketId id);

/// Nothing for text that no connection can have.
[[nodiscard]] std::optional<SocketId> parse_socket_id(std::string_view text);

/// A socket id from 64 random bits.
[[nodiscard]] SocketId socket_id_from(std::uint64_t random);

}  // namespace fanfare::protocol
