// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::transport::testing {

/// A WebSocket frame as a client reads it.
struct ServerFrame {
    unsigned opcode = 0;
    std::string payload;

    bool operator==(const ServerFrame&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const ServerFrame& frame) {
    return out << "opcode " << frame.opcode << " (" << frame.payload.size() << ") "
               << frame.payload.substr(0, 60);
}

inline ServerFrame text_frame(std::string payload) {
    return {1, std::move(payload)};
}

inline ServerFrame close_frame(std::uint16_t code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason;
    return {8, payload};
}

inline ServerFrame ping_frame(std::string payload = "") {
    return {9, std::move(payload)};
}

inline ServerFrame pong_frame(std::string payload = "") {
    return {10, std::move(payload)};
}

/// The frames in `bytes`; what is not a whole, final, unmasked frame shows as opcode 99.
inline std::vector<ServerFrame> parse_frames(std::string_view bytes) {
    std::vector<ServerFrame> frames;
    while (!bytes.empty()) {
        const auto byte = [&](std::size_t i) {
            return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
        };
        std::size_t header = 2;
        std::uint64_t length = byte(1);
        if (length >= 126) {
            const std::size_t width = length == 126 ? 2 : 8;
            length = 0;
            for (std::size_t i = 0; i < width; ++i) length = length << 8 | byte(2 + i);
            header += width;
        }
        if (bytes.size() < header || bytes.size() - header < length || (byte(0) & 0xf0) != 0x80) {
            frames.push_back({99, std::string(bytes)});
            return frames;
        }
        const auto size = static_cast<std::size_t>(length);
        frames.push_back({byte(0) & 0x0fU, std::string(bytes.substr(header, size))});
        bytes.remove_prefix(header + size);
    }
    return frames;
}

}  // namespace fanfare::transport::testing
