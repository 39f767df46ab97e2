// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/transport/websocket_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests and the fuzzer of the WebSocket decoder share: frames as a client writes them,
/// and feeding a stream in pieces. No test framework in here.
namespace fanfare::transport::testing {

using Kind = WebSocketDecoder::Kind;

constexpr std::size_t unlimited = std::size_t{1} << 40;

/// An item that owns its payload. Of errors only the code counts, the text is for people.
struct Received {
    Kind kind = Kind::need_more;
    std::uint16_t close_code = 0;
    std::string payload;

    bool operator==(const Received&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Received& item) {
    constexpr std::array names{"need_more", "text", "binary", "ping", "pong", "close", "error"};
    out << names[static_cast<std::size_t>(item.kind)] << ' ' << item.close_code;
    return out << " (" << item.payload.size() << ") " << item.payload.substr(0, 40);
}

inline Received error(std::uint16_t code) {
    return {Kind::error, code, ""};
}

inline Received text(std::string payload) {
    return {Kind::text, 0, std::move(payload)};
}

inline Received binary(std::string payload) {
    return {Kind::binary, 0, std::move(payload)};
}

inline Received ping(std::string payload) {
    return {Kind::ping, 0, std::move(payload)};
}

inline Received pong(std::string payload) {
    return {Kind::pong, 0, std::move(payload)};
}

inline Received close(std::uint16_t code, std::string reason = "") {
    return {Kind::close, code, std::move(reason)};
}

struct FrameOptions {
    bool is_final = true;
    unsigned reserved_bits = 0;    // 4 = RSV1, 2 = RSV2, 1 = RSV3
    std::size_t length_bytes = 0;  // 2 or 8 forces that form, however short the payload
    std::array<unsigned char, 4> mask{0x37, 0xfa, 0x21, 0x3d};
};

inline std::string big_endian(std::uint64_t value, std::size_t bytes) {
    std::string text;
    while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes));
    return text;
}

inline std::string frame_header(
    unsigned opcode, std::uint64_t length, const FrameOptions& options = {}
) {
    const std::size_t shortest = length < 126 ? 0 : length < 65536 ? 2 : 8;
    const std::size_t form = std::max(shortest, options.length_bytes);
    const unsigned first = (options.is_final ? 0x80U : 0U) | options.reserved_bits << 4 | opcode;
    const std::uint64_t second = form == 0 ? length : form == 2 ? 126 : 127;
    std::string header = big_endian(first, 1) + big_endian(0x80 | second, 1);
    header += big_endian(length, form);
    header.append(options.mask.begin(), options.mask.end());
    return header;
}

inline std::string frame(
    unsigned opcode, std::string_view payload, const FrameOptions& options = {}
) {
    std::string bytes = frame_header(opcode, payload.size(), options);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        bytes += static_cast<char>(payload[i] ^ options.mask[i % 4]);
    }
    return bytes;
}

/// A frame after which its message goes on.
inline std::string fragment(unsigned opcode, std::string_view payload) {
    return frame(opcode, payload, {.is_final = false});
}

/// Everything a new decoder says about `stream` cut before the given positions (ascending), up to
/// and including its first error. Each piece is a block of its own, so that ASan sees a read past
/// it. `changes_hands`: each piece goes to a decoder of its own, which takes over from the last.
inline std::vector<Received> decode(
    std::string_view stream,
    std::span<const std::size_t> cuts,
    std::size_t limit,
    bool changes_hands = false
) {
    auto decoder = std::make_unique<WebSocketDecoder>();
    std::vector<Received> items;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t end = i < cuts.size() ? cuts[i] : stream.size();
        const auto block = std::make_unique<char[]>(end - begin);
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, block.get());
        std::span<char> input(block.get(), end - begin);
        begin = end;
        if (changes_hands) {
            std::string unread = decoder->unread();
            decoder = std::make_unique<WebSocketDecoder>();
            std::span<char> bytes(unread);
            const auto item = decoder->next(bytes, limit);
            if (item.kind != Kind::need_more) items.push_back({Kind::need_more, 0, "told again"});
        }
        while (true) {
            const auto item = decoder->next(input, limit);
            if (item.kind == Kind::need_more) break;
            const bool is_error = item.kind == Kind::error;
            items.push_back({item.kind, item.close_code, std::string(item.payload)});
            if (!is_error) continue;
            items.back().payload.clear();
            return items;
        }
        // An input that is not used up shows as an item nobody expects.
        if (!input.empty()) items.push_back({Kind::need_more, 0, "bytes left"});
    }
    return items;
}

inline std::vector<Received> decode_whole(std::string_view stream, std::size_t limit = unlimited) {
    return decode(stream, {}, limit);
}

inline std::vector<Received> decode_bytewise(
    std::string_view stream, std::size_t limit = unlimited, bool changes_hands = false
) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 1; at < stream.size(); ++at) cuts.push_back(at);
    return decode(stream, cuts, limit, changes_hands);
}

}  // namespace fanfare::transport::testing
