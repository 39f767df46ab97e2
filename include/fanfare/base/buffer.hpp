// SPDX-License-Identifier: MIT
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fanfare {

/// A text message that already carries its WebSocket header (RFC 6455 section 5.2: FIN, opcode
/// text, unmasked), so that it is encoded once however many subscribers get it. Immutable; a value
/// that may cross shards: one atomic count per shard that holds it, none per subscriber (see
/// Buffer).
class EncodedFrame {
public:
    /// Encodes `text`, which must be valid UTF-8.
    explicit EncodedFrame(std::string_view text);

    /// Header and payload, as they go to a WebSocket.
    [[nodiscard]] std::string_view wire() const { return *bytes_; }

    /// The payload alone, for transports with a framing of their own.
    [[nodiscard]] std::string_view text() const { return wire().substr(text_at_); }

private:
    friend class Buffer;  // shares the bytes

    std::shared_ptr<const std::string> bytes_;
    std::uint32_t text_at_;
};

/// Appends the header of an unmasked WebSocket frame with FIN set: `opcode` is the low nibble of
/// its first byte.
void append_frame_header(std::string& out, std::uint8_t opcode, std::size_t payload_bytes);

/// Bytes on their way to one or many connections of one shard. Counted without atomics: it never
/// leaves the shard that made it.
class Buffer : public boost::intrusive_ref_counter<Buffer, boost::thread_unsafe_counter> {
public:
    explicit Buffer(const EncodedFrame& frame);
    explicit Buffer(std::string bytes);

    [[nodiscard]] std::string_view bytes() const { return *bytes_; }

private:
    std::shared_ptr<const std::string> bytes_;
};

using BufferPtr = boost::intrusive_ptr<const Buffer>;

[[nodiscard]] BufferPtr make_buffer(const EncodedFrame& frame);
[[nodiscard]] BufferPtr make_buffer(std::string bytes);

}  // namespace fanfare
