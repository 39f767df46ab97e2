// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/transport/connection.hpp"
#include "fanfare/transport/message_link.hpp"
#include "fanfare/transport/websocket_decoder.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace fanfare::transport {

namespace websocket {
enum class Opcode : std::uint8_t;
}

/// An established WebSocket (RFC 6455, server side): messages for its sink, control frames,
/// liveness and the closing handshake.
///
///     open ──close() or error──▶ closing ──peer's CLOSE──▶ lingering ──▶ over
///       └──────peer's CLOSE (echoed)──────────────────────────▲
///
/// While closing, input is thrown away except for the peer's CLOSE; a peer that does not answer is
/// cut off.
class WebSocketConnection final : public Connection, public MessageLink {
public:
    /// Makes the sink of a new link. It may close the link at once, and return null then.
    using OpenSink = std::function<std::unique_ptr<MessageSink>(MessageLink&)>;

    WebSocketConnection(Reactor& reactor, Socket socket);
    ~WebSocketConnection() override;

    /// Once, right after adoption. `early` is what the client sent behind its handshake.
    void open(const OpenSink& open_sink, std::span<char> early);

    /// What there is to pass. Nothing if it cannot; see Connection.
    [[nodiscard]] std::optional<PassedWebSocket> pass() const;

    /// Instead of open(): goes on with what was passed.
    void take_over(const OpenSink& open_sink, PassedWebSocket passed);

    using Connection::is_encrypted;

    /// Null if it was turned away.
    [[nodiscard]] MessageSink* sink() const { return sink_.get(); }

    void send(BufferPtr frame) override { Connection::send(std::move(frame)); }

    void close(std::uint16_t code, std::string_view reason) override;

    void resume() override { resume_input(); }

    [[nodiscard]] bool ping() override;
    [[nodiscard]] Portrait portrait() const override;

private:
    [[nodiscard]] bool wants_input() const override;

    [[nodiscard]] bool is_at_rest() const override { return is_closing_ || !sink_->is_busy(); }

    [[nodiscard]] Traffic& traffic() const override {
        return reactor().counters().activity().websocket;
    }

    void on_input(std::span<char>& input) override;
    void on_disconnect() override;
    void on_backlog_full() override;
    void on_deadline() override;

    void on_item(const WebSocketDecoder::Item& item);
    void on_peer_close(const WebSocketDecoder::Item& item);
    void begin_closing(std::uint16_t code, std::string_view reason);
    void send_control(websocket::Opcode opcode, std::string_view payload);
    void tell_closed();

    std::unique_ptr<MessageSink> sink_;  // never null while open
    WebSocketDecoder decoder_;
    Clock::TimePoint last_heard_;
    bool is_closing_ = false;
    bool has_told_closed_ = false;
    bool is_ping_pending_ = false;
    bool uses_control_frames_ = false;  // the client has sent a PING or PONG itself
};

}  // namespace fanfare::transport
