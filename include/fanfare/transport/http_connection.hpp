// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/transport/connection.hpp"
#include "fanfare/transport/http.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace fanfare::transport {

/// Who has connected.
struct Peer {
    IpAddress address;
    bool is_proxy = false;                    ///< a trusted one
    bool sends_header = false;                ///< a ProxyHeader, before anything else
    std::shared_ptr<const TlsContext> tls{};  ///< null: it is to speak plain HTTP
};

/// A client that speaks HTTP/1.1: parses with Beast, answers one request after the other
/// (keep-alive and pipelining), and turns into a WebSocketConnection after a handshake.
///
/// A request is bounded in all its bytes (request line, headers, body, and what chunks add to it),
/// and refused as soon as it shows that it will be larger. An answer is not bounded, but the next
/// request waits while much of it is unsent. A client that sends nothing, or too slowly, is cut
/// off, and so is one that does not take its answer.
class HttpConnection final : public Connection {
public:
    HttpConnection(
        Reactor& reactor,
        Socket socket,
        HttpRoutes& routes,
        std::size_t max_request_size,
        const Peer& peer = {}
    );
    ~HttpConnection() override;

    /// What there is to pass. Nothing if it cannot; see Connection.
    [[nodiscard]] std::optional<PassedHttp> pass() const;

    using Connection::take_over;

    // HttpResponder's ways in.
    void respond(const HttpResponse& response);
    void proceed();

    void set_route(HttpRoute route) { route_ = route; }

private:
    struct Parser;

    [[nodiscard]] bool wants_input() const override;

    [[nodiscard]] bool is_idle() const override { return !is_answering_ && !parser_; }

    [[nodiscard]] bool is_at_rest() const override { return has_ended() || is_idle(); }

    void on_input(std::span<char>& input) override;

    void on_disconnect() override {}

    void on_backlog_full() override {}  // its answers are not bounded by it

    void on_deadline() override;

    [[nodiscard]] bool take_proxy_header(std::span<char>& input);
    [[nodiscard]] bool begin(std::span<char>& input);
    [[nodiscard]] bool parse(std::span<char>& input);
    [[nodiscard]] bool check_header();
    void refuse(unsigned status, std::string reason);
    void refuse_size(std::size_t seen);
    void count(const HttpResponse& response);
    [[nodiscard]] std::string serialize(const HttpResponse& response, bool keeps_alive) const;
    void dispatch(std::span<char>& input);
    void upgrade(const HttpRequest& request, const HttpResponse& response, std::span<char>& input);

    HttpRoutes& routes_;
    std::size_t max_request_size_;
    Peer peer_;
    std::unique_ptr<Parser> parser_;  // null between requests: an idle connection is small
    HttpRoute route_ = HttpRoute::other;
    bool has_begun_ = false;
    bool is_answering_ = false;
    bool keeps_alive_ = true;  // unless the answer says otherwise
    bool is_http_1_1_ = true;  // as the last request was
    bool is_head_ = false;
};

}  // namespace fanfare::transport
