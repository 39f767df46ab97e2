// SPDX-License-Identifier: MIT
#pragma once

#include "support/server_frames.hpp"
#include "support/socket_world.hpp"
#include "support/websocket_feed.hpp"

#include "fanfare/transport/http_connection.hpp"
#include "fanfare/transport/websocket_connection.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::transport::testing {

inline const std::string handshake_request =
    "GET /app/key HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

class EchoLinks;

/// Sends each message back; stays busy until the test resumes it, if it is told to.
class EchoSink final : public MessageSink {
public:
    EchoSink(EchoLinks& links, MessageLink& message_link) : link(message_link), links_(links) {}

    [[nodiscard]] Liveness liveness() const override {
        return {std::chrono::seconds{60}, std::chrono::seconds{30}};
    }

    [[nodiscard]] std::size_t max_message_size() const override;

    [[nodiscard]] bool is_busy() const override { return is_working; }

    void on_message(std::string_view text) override;
    void on_silence() override;
    void on_no_pong() override;
    void on_backlog_full() override;
    void on_closed() override;

    void send(std::string_view text) { link.send(make_buffer(EncodedFrame(text))); }

    MessageLink& link;
    bool is_working = false;
    bool is_open = true;

private:
    EchoLinks& links_;
};

/// Opens a sink on every handshake, and remembers what the sinks were told.
class EchoLinks final : public HttpRoutes {
public:
    void on_request(const HttpRequest&, const HttpResponder&) override {
        throw std::logic_error("no plain requests in these tests");
    }

    bool must_wait(const HttpRequest&, const HttpResponder& responder) override {
        if (is_to_wait) waits.push_back(responder);
        return is_to_wait;
    }

    [[nodiscard]] bool is_websocket_path(std::string_view) const override { return true; }

    [[nodiscard]] std::unique_ptr<MessageSink> open_link(const HttpRequest&, MessageLink& link)
        override {
        auto sink = std::make_unique<EchoSink>(*this, link);
        last = sink.get();
        if (refusal == 0) return sink;
        last = nullptr;
        sink->send("refused");
        link.close(refusal, "refused");
        return nullptr;
    }

    std::size_t max_message_size = 1'000;
    bool is_busy_after_message = false;
    bool resumes_at_once = false;
    std::uint16_t refusal = 0;
    bool is_to_wait = false;
    std::vector<HttpResponder> waits;
    std::vector<std::string> log;
    EchoSink* last = nullptr;
};

inline std::size_t EchoSink::max_message_size() const {
    return links_.max_message_size;
}

inline void EchoSink::on_message(std::string_view text) {
    links_.log.push_back("message " + std::string(text));
    if (text == "throw") throw std::runtime_error("thrown by the sink");
    send(text);
    is_working = links_.is_busy_after_message;
    if (links_.resumes_at_once) link.resume();
}

inline void EchoSink::on_silence() {
    links_.log.push_back("silence");
    if (!link.ping()) send("ping");
}

inline void EchoSink::on_no_pong() {
    links_.log.push_back("no pong");
    link.close(4201, "no pong");
}

inline void EchoSink::on_backlog_full() {
    links_.log.push_back("backlog full");
    send("error 4100");
    link.close(4100, "Over capacity");
}

inline void EchoSink::on_closed() {
    links_.log.push_back("closed");
    is_open = false;
}

class WebSocketTest : public ::testing::Test {
protected:
    struct Client {
        FarEnd far_end;
        EchoSink* sink = nullptr;  // the server's, while the connection lives
        std::string handshake_answer;
        std::vector<ServerFrame> early_answers;
    };

    FarEnd open_pair() {
        auto pair = SocketWorld::make_pair();
        world_.adopt(
            pair.fd,
            std::make_unique<HttpConnection>(
                world_.reactor(), Socket{pair.fd, {}}, routes_, std::size_t{10'000}
            )
        );
        return std::move(pair.far_end);
    }

    /// `early` goes in one write with the handshake.
    Client connect(const std::string& early = "") {
        Client client{open_pair(), nullptr, {}, {}};
        client.far_end.write(handshake_request + early);
        world_.poll();
        const std::string bytes = client.far_end.read();
        const std::size_t end = std::min(bytes.size(), bytes.find("\r\n\r\n") + 4);
        client.handshake_answer = bytes.substr(0, end);
        client.early_answers = parse_frames(bytes.substr(end));
        client.sink = routes_.last;
        return client;
    }

    std::vector<ServerFrame> read(Client& client) { return parse_frames(client.far_end.read()); }

    std::vector<ServerFrame> say(Client& client, std::string_view bytes) {
        client.far_end.write(bytes);
        world_.poll();
        return read(client);
    }

    void resume(Client& client) {
        client.sink->is_working = false;
        client.sink->link.resume();
        world_.poll();
    }

    EchoLinks routes_;  // outlives the connections
    SocketWorld world_{100'000};
};

}  // namespace fanfare::transport::testing
