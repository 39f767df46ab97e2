// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fanfare::transport {

/// A connection that carries whole text messages, whatever it is made of. Its user is a
/// MessageSink.
class MessageLink {
public:
    /// Queues an encoded message.
    virtual void send(BufferPtr frame) = 0;

    /// Sends what is queued, then says goodbye with `code` and `reason`. The sink hears nothing
    /// more but on_closed.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;

    /// The sink is no longer busy.
    virtual void resume() = 0;

    /// Pings in the transport's own way, if this client is known to understand it.
    [[nodiscard]] virtual bool ping() = 0;

    /// What an operator is told.
    struct Portrait {
        std::string address;           ///< of the peer, which may be a proxy
        std::size_t queued_bytes = 0;  ///< that it has not taken yet
    };

    [[nodiscard]] virtual Portrait portrait() const { return {}; }

protected:
    ~MessageLink() = default;
};

/// How long a silent client is left alone.
struct Liveness {
    std::chrono::milliseconds ping_interval;
    std::chrono::milliseconds pong_timeout;
};

/// The user of a MessageLink, owned by it. All calls come on the connection's shard.
class MessageSink {
public:
    virtual ~MessageSink() = default;

    [[nodiscard]] virtual Liveness liveness() const = 0;
    [[nodiscard]] virtual std::size_t max_message_size() const = 0;

    /// True while no further message may come, because the last one is still being worked on.
    [[nodiscard]] virtual bool is_busy() const = 0;

    /// `text` is valid for the call.
    virtual void on_message(std::string_view text) = 0;

    /// Nothing came for a ping interval, and link.ping() has to be tried or replaced.
    virtual void on_silence() = 0;

    /// Nothing came for the pong timeout after that either.
    virtual void on_no_pong() = 0;

    /// The client does not read what it is sent; all but the frame under way was dropped.
    virtual void on_backlog_full() = 0;

    /// The link has ended or begun to close: the last call.
    virtual void on_closed() = 0;
};

}  // namespace fanfare::transport
