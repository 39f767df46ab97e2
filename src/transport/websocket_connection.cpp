// SPDX-License-Identifier: MIT
#include "fanfare/transport/websocket_connection.hpp"

#include <array>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr std::uint8_t opcode_close = 0x8;
constexpr std::uint8_t opcode_ping = 0x9;
constexpr std::uint8_t opcode_pong = 0xa;
constexpr std::size_t max_control_payload = 125;
constexpr std::uint16_t no_code = 1005;
constexpr std::uint16_t code_normal = 1000;
constexpr std::chrono::seconds close_timeout{10};  // a slow reader is to learn why, if it reads on

}  // namespace

WebSocketConnection::WebSocketConnection(Reactor& reactor, Socket socket)
    : Connection(reactor, std::move(socket)), last_heard_(reactor.now()) {}

WebSocketConnection::~WebSocketConnection() {
    tell_closed();
}

void WebSocketConnection::open(const OpenSink& open_sink, std::span<char> early) {
    sink_ = open_sink(*this);
    if (!is_closing_) arm_timer(sink_->liveness().ping_interval);
    if (!early.empty()) feed(early);
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    if (is_over() || is_closing_) return;
    begin_closing(code, reason);
}

bool WebSocketConnection::ping() {
    if (uses_control_frames_) send_control(opcode_ping, {});
    return uses_control_frames_;
}

bool WebSocketConnection::wants_input() const {
    return is_closing_ || !sink_->is_busy();
}

void WebSocketConnection::on_input(std::span<char>& input) {
    last_heard_ = reactor().now();
    is_ping_pending_ = false;
    while (!input.empty() && !has_ended() && wants_input()) {
        const std::size_t limit = sink_ ? sink_->max_message_size() : max_control_payload;
        on_item(decoder_.next(input, limit));
    }
}

void WebSocketConnection::on_item(const WebSocketDecoder::Item& item) {
    using Kind = WebSocketDecoder::Kind;
    switch (item.kind) {
        case Kind::need_more:
            break;
        case Kind::text:
        case Kind::binary:
            if (!is_closing_) sink_->on_message(item.payload);
            break;
        case Kind::ping:
            uses_control_frames_ = true;
            if (!is_closing_) send_control(opcode_pong, item.payload);
            break;
        case Kind::pong:
            uses_control_frames_ = true;
            break;
        case Kind::close:
            on_peer_close(item);
            break;
        case Kind::error:
            if (!is_closing_) begin_closing(item.close_code, item.payload);
            linger();  // nothing that follows could be understood
            break;
    }
}

void WebSocketConnection::on_peer_close(const WebSocketDecoder::Item& item) {
    if (!is_closing_) {
        begin_closing(item.close_code == no_code ? code_normal : item.close_code, item.payload);
    }
    linger();  // RFC 6455 section 7.1.1: the server ends the TCP connection first
}

void WebSocketConnection::begin_closing(std::uint16_t code, std::string_view reason) {
    is_closing_ = true;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason.substr(0, max_control_payload - payload.size());
    send_control(opcode_close, payload);
    arm_timer(close_timeout);
    tell_closed();
}

void WebSocketConnection::send_control(std::uint8_t opcode, std::string_view payload) {
    std::string bytes;
    append_frame_header(bytes, opcode, payload.size());
    bytes += payload;
    send(make_buffer(std::move(bytes)));
}

void WebSocketConnection::on_disconnect() {
    tell_closed();
}

void WebSocketConnection::on_backlog_full() {
    drop_unsent();
    if (is_closing_) {
        finish();
    } else {
        sink_->on_backlog_full();
    }
}

void WebSocketConnection::on_deadline() {
    if (is_closing_) return finish();
    const Liveness liveness = sink_->liveness();
    if (is_ping_pending_) return sink_->on_no_pong();
    const auto silence =
        std::chrono::duration_cast<std::chrono::milliseconds>(reactor().now() - last_heard_);
    if (silence < liveness.ping_interval) {
        arm_timer(liveness.ping_interval - silence);
    } else {
        is_ping_pending_ = true;
        arm_timer(liveness.pong_timeout);
        sink_->on_silence();
    }
}

void WebSocketConnection::tell_closed() {
    // The sink may be our caller, so it stays alive as long as this object does.
    if (sink_ && !std::exchange(has_told_closed_, true)) sink_->on_closed();
}

}  // namespace fanfare::transport
