// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fanfare::transport {

/// Turns the bytes of one WebSocket client into messages and control frames (RFC 6455 section 5,
/// the server's side). Pure: no I/O, no clock. The caller owns the input buffer, which is unmasked
/// in place.
///
/// One decoder per connection, on the connection's shard. Between messages it owns no memory: what
/// a half-received frame or message needs is allocated when it begins and freed when it ends.
class WebSocketDecoder {
public:
    enum class Kind : std::uint8_t {
        need_more,  ///< the input is used up; call again with more bytes
        text,       ///< a whole message, valid UTF-8
        binary,     ///< a whole message; its bytes are not checked, whoever reads it as text must
        ping,       ///< answer with a pong that carries the payload
        pong,
        close,  ///< payload = reason, close_code = the peer's code, 1005 if none
        error,  ///< payload = why, close_code = 1002, 1007 or 1009
    };

    struct Item {
        Kind kind = Kind::need_more;
        std::uint16_t close_code = 0;
        std::string_view payload;  ///< valid until the next call, or until the input buffer changes
    };

    WebSocketDecoder() noexcept;
    ~WebSocketDecoder();
    WebSocketDecoder(const WebSocketDecoder&) = delete;
    WebSocketDecoder& operator=(const WebSocketDecoder&) = delete;

    /// Takes bytes from the front of `input` until one item is complete, and advances `input` past
    /// them. A message longer than `max_message_size` bytes (its fragments summed; exactly that
    /// long is fine) is an error 1009, found as soon as a frame header shows it. UTF-8 is checked
    /// as the bytes come in, so bad text is found before its message ends. The items are the same
    /// however the stream is cut into inputs. With the answer `need_more` the input is empty and,
    /// between messages, no memory is held. After an error the decoder must not be used; after a
    /// close, whatever follows it is still decoded and for the caller to ignore.
    [[nodiscard]] Item next(std::span<char>& input, std::size_t max_message_size);

    /// The bytes after which another decoder is where this one is: what has been taken and not told
    /// yet. Not the same bytes that the client has sent, but the same to a decoder.
    [[nodiscard]] std::string unread() const;

private:
    struct Partial;
    std::unique_ptr<Partial> partial_;
};

}  // namespace fanfare::transport
