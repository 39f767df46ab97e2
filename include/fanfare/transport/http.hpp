// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/activity.hpp"
#include "fanfare/base/ip_address.hpp"
#include "fanfare/transport/message_link.hpp"
#include "fanfare/transport/reactor.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::transport {

/// A whole request, for the length of a call.
struct HttpRequest {
    struct Header {
        std::string_view name;
        std::string_view value;

        /// Whatever its case.
        [[nodiscard]] bool is_called(std::string_view other) const;
    };

    std::string_view method;
    std::string_view path;   ///< as received, not decoded
    std::string_view query;  ///< what follows the `?`
    std::string_view body;
    std::vector<Header> headers;
    bool is_http_1_1 = true;
    IpAddress peer;              ///< who has connected, or for whom its PROXY header speaks
    bool is_from_proxy = false;  ///< a trusted proxy has connected
    bool is_encrypted = false;   ///< TLS ends here

    /// By name, whatever its case; empty if there is none, and the first if there are several.
    [[nodiscard]] std::string_view header(std::string_view name) const;

    /// Whether a header that is a comma-separated list has `token`, whatever its case. A list may
    /// come in several headers of the name (RFC 9110 section 5.3).
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
};

struct HttpResponse {
    unsigned status = 200;
    std::string body;
    std::string_view content_type = "text/plain; charset=utf-8";    ///< a literal
    std::vector<std::pair<std::string_view, std::string>> headers;  ///< names are literals
    bool closes_connection = false;
};

/// The duty to answer one request: now or later, on the same shard, once. A client that has gone
/// away meanwhile is not an error.
class HttpResponder {
public:
    HttpResponder(Reactor& reactor, ConnectionHandle connection)
        : reactor_(&reactor), connection_(connection) {}

    void respond(const HttpResponse& response) const;

    /// Says what the request is about, for the counts, before it is answered.
    void set_route(HttpRoute route) const;

    /// Ends the wait of HttpRoutes::must_wait.
    void proceed() const;

private:
    Reactor* reactor_;
    ConnectionHandle connection_;
};

/// What stands behind the HTTP connections of a shard.
class HttpRoutes {
public:
    /// Asked first, and once, of each request: whether something has to be found out before it can
    /// be answered. Then responder.proceed() has to follow, upon which the request takes its way.
    [[nodiscard]] virtual bool must_wait(
        const HttpRequest& /*request*/, const HttpResponder& /*responder*/
    ) {
        return false;
    }

    /// The answer goes to `responder`.
    virtual void on_request(const HttpRequest& request, const HttpResponder& responder) = 0;

    /// Whether this path is for WebSockets only.
    [[nodiscard]] virtual bool is_websocket_path(std::string_view path) const = 0;

    /// A valid handshake on such a path was answered with 101. See WebSocketConnection::OpenSink.
    [[nodiscard]] virtual std::unique_ptr<MessageSink> open_link(
        const HttpRequest& request, MessageLink& link
    ) = 0;

    /// A client speaks another protocol than the port; `what` says which, and what to do.
    virtual void on_wrong_protocol(std::string_view /*what*/) {}

protected:
    ~HttpRoutes() = default;
};

/// A reason in plain text, after which the connection ends.
[[nodiscard]] HttpResponse refusal(unsigned status, std::string reason);

/// The server's answer to a WebSocket handshake (RFC 6455 section 4.2): 101, or why not. Pure.
[[nodiscard]] HttpResponse answer_handshake(const HttpRequest& request);

}  // namespace fanfare::transport
