// SPDX-License-Identifier: MIT
#include "fanfare/transport/websocket_connection.hpp"

#include "websocket_frame.hpp"

#include <array>
#include <utility>

namespace fanfare::transport {

namespace close_code = websocket::close_code;

namespace {

using websocket::max_control_payload;
using websocket::Opcode;

/// Of one client, after which the others are heard. A read can hold ten thousand, and each may
/// make the server work hard.
constexpr int messages_per_turn = 32;
constexpr std::chrono::seconds close_timeout{10};  // a slow reader is to learn why, if it reads on

}  // namespace

WebSocketConnection::WebSocketConnection(Reactor& reactor, Socket socket)
    : Connection(reactor, std::move(socket)), last_heard_(reactor.now()) {}

WebSocketConnection::~WebSocketConnection() {
    tell_closed();
}

void WebSocketConnection::open(const OpenSink& open_sink, std::span<char> early) {
    sink_ = open_sink(*this);
    if (sink_) {
        reactor().admit(*this);
    } else {
        reactor().line_up(*this);  // it has only to say goodbye
    }
    if (!is_closing_) arm_timer(sink_->liveness().ping_interval);
    if (!early.empty()) feed(early);
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    if (is_over() || is_closing_) return;
    begin_closing(code, reason);
}

std::optional<PassedWebSocket> WebSocketConnection::pass() const {
    auto connection = is_closing_ ? std::nullopt : Connection::pass();
    if (!connection) return std::nullopt;
    connection->input.insert(0, decoder_.unread());
    return PassedWebSocket{std::move(*connection), uses_control_frames_, is_ping_pending_};
}

void WebSocketConnection::take_over(const OpenSink& open_sink, PassedWebSocket passed) {
    uses_control_frames_ = passed.uses_control_frames;
    is_ping_pending_ = passed.is_ping_pending;
    // First of all, since it may begin with the rest of a frame.
    Connection::take_over(std::move(passed));
    sink_ = open_sink(*this);
    if (!sink_) return reactor().line_up(*this);
    reactor().admit(*this);
    if (is_closing_) return;
    const Liveness liveness = sink_->liveness();
    arm_timer(is_ping_pending_ ? liveness.pong_timeout : liveness.ping_interval);
}

bool WebSocketConnection::ping() {
    if (uses_control_frames_) send_control(Opcode::ping, {});
    return uses_control_frames_;
}

MessageLink::Portrait WebSocketConnection::portrait() const {
    return {peer().to_string(), queued_bytes()};
}

/// A client that makes the server send more than it reads has to read first.
bool WebSocketConnection::wants_input() const {
    if (is_closing_) return true;
    return !sink_->is_busy() && queued_bytes() <= reactor().max_backlog_bytes() / 2;
}

void WebSocketConnection::on_input(std::span<char>& input) {
    last_heard_ = reactor().now();
    is_ping_pending_ = false;
    for (int i = 0; !input.empty() && !has_ended() && wants_input(); ++i) {
        if (i == messages_per_turn) return resume_input();
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
            if (!is_closing_) send_control(Opcode::pong, item.payload);
            break;
        case Kind::pong:
            uses_control_frames_ = true;
            break;
        case Kind::close:
            on_peer_close(item);
            break;
        case Kind::error:
            if (!is_closing_) {
                reactor().counters().add(
                    item.close_code == close_code::message_too_big ? Counter::closed_message_size
                                                                   : Counter::closed_websocket_error
                );
                begin_closing(item.close_code, item.payload);
            }
            linger();  // nothing that follows could be understood
            break;
    }
}

void WebSocketConnection::on_peer_close(const WebSocketDecoder::Item& item) {
    if (!is_closing_) {
        begin_closing(
            item.close_code == close_code::none_received ? close_code::normal : item.close_code,
            item.payload
        );
    }
    linger();  // RFC 6455 section 7.1.1: the server ends the TCP connection first
}

void WebSocketConnection::begin_closing(std::uint16_t code, std::string_view reason) {
    is_closing_ = true;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason.substr(0, max_control_payload - payload.size());
    send_control(Opcode::close, payload);
    arm_timer(close_timeout);
    tell_closed();
}

/// Beyond the bound, since a CLOSE has to reach even a client that did not read. Pongs cannot pile
/// up: with a queue that long no PING is read.
void WebSocketConnection::send_control(Opcode opcode, std::string_view payload) {
    std::string bytes;
    append_frame_header(bytes, static_cast<std::uint8_t>(opcode), payload.size());
    bytes += payload;
    send_unbounded(make_buffer(std::move(bytes)));
}

void WebSocketConnection::on_disconnect() {
    tell_closed();
}

void WebSocketConnection::on_backlog_full() {
    if (is_closing_) return;  // nothing follows our CLOSE, and that may still be read in time
    drop_unsent();
    sink_->on_backlog_full();
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
