// SPDX-License-Identifier: MIT
#include "fanfare/transport/http_connection.hpp"

#include "fanfare/transport/proxy_header.hpp"
#include "fanfare/transport/websocket_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <ctime>
#include <limits>

namespace fanfare::transport {

namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds request_timeout{15};  // from the first byte to the last
constexpr std::chrono::seconds idle_timeout{75};  // nginx keeps its upstream connections for 60 s

constexpr std::size_t max_unsent_bytes = 65'536;  // of earlier answers, while the next is made
constexpr int requests_per_turn = 16;             // a flooding client has to share the shard
constexpr unsigned switching_protocols = 101;
constexpr unsigned no_content = 204;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

/// Formatted once a second and thread: it would be a fortieth of the cost of a publish.
std::string_view http_date() {
    thread_local std::time_t formatted = -1;
    thread_local std::array<char, 32> text{};
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != formatted) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        formatted = now;
    }
    return {text.data(), size};
}

}  // namespace

struct HttpConnection::Parser {
    http::request_parser<http::string_body> message;
    std::size_t bytes = 0;  // of the request so far
    bool has_header = false;
    bool has_waited = false;  // for what the routes had to find out

    explicit Parser(std::size_t max_request_size) {
        message.header_limit(static_cast<std::uint32_t>(
            std::min<std::size_t>(max_request_size, std::numeric_limits<std::uint32_t>::max())
        ));
        message.body_limit(boost::none);  // the request is bounded as a whole
    }
};

HttpConnection::HttpConnection(
    Reactor& reactor,
    Socket socket,
    HttpRoutes& routes,
    std::size_t max_request_size,
    const Peer& peer
)
    : Connection(reactor, std::move(socket)),
      routes_(routes),
      max_request_size_(max_request_size),
      peer_(peer) {
    arm_timer(request_timeout);
    reactor.line_up(*this);
}

HttpConnection::~HttpConnection() = default;

bool HttpConnection::wants_input() const {
    const bool may_begin = parser_ || reactor().phase() == Reactor::Phase::running;
    return !is_answering_ && may_begin && queued_bytes() <= max_unsent_bytes;
}

std::optional<PassedHttp> HttpConnection::pass() const {
    auto connection = is_idle() ? Connection::pass() : std::nullopt;
    if (!connection) return std::nullopt;
    return PassedHttp{
        std::move(*connection),
        peer_.address,
        peer_.is_proxy,
        peer_.sends_header,
        peer_.tls != nullptr};
}

void HttpConnection::on_input(std::span<char>& input) {
    if (peer_.sends_header && !take_proxy_header(input)) return;
    if (!has_begun_ && !input.empty() && !begin(input)) return;
    if (parser_ && parser_->has_waited) dispatch(input);
    int requests = 0;
    while (!input.empty() && wants_input() && !has_ended()) {
        if (requests == requests_per_turn) return resume_input();
        if (!parser_) {
            // Empty lines before a request are to be ignored (RFC 9112 section 2.2).
            if (input.front() == '\r' || input.front() == '\n') {
                input = input.subspan(1);
                continue;
            }
            parser_ = std::make_unique<Parser>(max_request_size_);
            arm_timer(request_timeout);
        }
        if (!parse(input)) return;
        dispatch(input);
        ++requests;
    }
}

/// True once it is there and `input` begins with what the client itself sent.
bool HttpConnection::take_proxy_header(std::span<char>& input) {
    const ProxyHeader header = ProxyHeader::parse({input.data(), input.size()});
    if (header.status == ProxyHeader::Status::need_more) return false;
    if (header.status == ProxyHeader::Status::malformed) {
        // To guess that there is none would let whoever gets through the proxy write one.
        reactor().counters().add(Counter::connection_proxy_header);
        refuse(
            400, "A connection from a trusted proxy begins with a PROXY header (proxy_protocol)."
        );
        return false;
    }
    input = input.subspan(header.size);
    peer_.address = header.source.value_or(peer_.address);
    peer_.sends_header = false;
    return true;
}

/// The client's first byte tells TLS from HTTP. True if what follows is plain HTTP, as it has to
/// be.
bool HttpConnection::begin(std::span<char>& input) {
    constexpr char tls_handshake = 0x16;
    has_begun_ = true;
    const bool is_tls = input.front() == tls_handshake;
    auto context = std::move(peer_.tls);
    if (is_tls == (context != nullptr)) {
        if (!is_tls) return true;
        start_tls(std::move(context), {input.data(), input.size()});
    } else if (is_tls) {
        // A fatal alert of the record layer, which clients of all versions can show.
        constexpr std::string_view handshake_failure("\x15\x03\x01\x00\x02\x02\x28", 7);
        routes_.on_wrong_protocol(
            "a client speaks TLS to this port, which is plain: connect with http:// or ws://, or "
            "set server.tls_certificate_file (FANFARE_TLS_CERTIFICATE_FILE)"
        );
        send_unbounded(make_buffer(std::string(handshake_failure)));
        linger();
    } else {
        routes_.on_wrong_protocol(
            "a client speaks plain HTTP to this port, which is for TLS: connect with https:// or "
            "wss://, or let the proxy in front do so"
        );
        refuse(400, "This port speaks TLS: connect with https:// or wss://.");
    }
    input = {};
    return false;
}

/// True once the request is whole.
bool HttpConnection::parse(std::span<char>& input) {
    Parser& parser = *parser_;
    while (!parser.message.is_done()) {
        boost::system::error_code error;
        const std::size_t used =
            parser.message.put(boost::asio::const_buffer(input.data(), input.size()), error);
        input = input.subspan(used);
        parser.bytes += used;
        const bool wants_more = error == http::error::need_more;
        if (wants_more) error = {};
        // What Beast takes only in one piece (a header, the extensions of a chunk, trailers) counts
        // before it is taken. Otherwise the rest may well be the next request.
        const std::size_t seen = parser.bytes + (wants_more ? input.size() : 0);
        if (error == http::error::header_limit || (!error && seen > max_request_size_)) {
            refuse_size(seen);
            return false;
        }
        if (error) {
            refuse(400, "Malformed HTTP request: " + error.message() + '.');
            return false;
        }
        if (!parser.has_header && parser.message.is_header_done()) {
            parser.has_header = true;
            if (!check_header()) return false;
        }
        if (used == 0 || input.empty()) break;
    }
    return parser.message.is_done();
}

/// What can be said once the header is there, before the body comes. False if it was refused.
bool HttpConnection::check_header() {
    const Parser& parser = *parser_;
    const auto& message = parser.message.get();
    const auto encodings = message.equal_range(http::field::transfer_encoding);
    for (auto field = encodings.first; field != encodings.second; ++field) {
        if (boost::beast::iequals(field->value(), "chunked")) continue;
        refuse(501, "The only Transfer-Encoding that is understood is chunked.");
        return false;
    }
    const auto length = parser.message.content_length_remaining();
    if (length && parser.bytes + *length > max_request_size_) {
        refuse_size(parser.bytes + *length);
        return false;
    }
    if (boost::beast::iequals(message[http::field::expect], "100-continue") &&
        !parser.message.is_done()) {
        send_unbounded(make_buffer(std::string("HTTP/1.1 100 Continue\r\n\r\n")));
    }
    return true;
}

void HttpConnection::refuse(unsigned status, std::string reason) {
    is_head_ =
        parser_ && parser_->has_header && parser_->message.get().method() == http::verb::head;
    is_answering_ = true;
    route_ = HttpRoute::other;
    respond(refusal(status, std::move(reason)));
}

void HttpConnection::refuse_size(std::size_t seen) {
    reactor().counters().add(Counter::api_request_size);
    refuse(
        413,
        "Payload too large. The request has at least " + std::to_string(seen) +
            " bytes, the limit is " + std::to_string(max_request_size_) +
            " (max_request_size, REVERB_MAX_REQUEST_SIZE)."
    );
}

void HttpConnection::dispatch(std::span<char>& input) {
    // Kept here: the answer may come at once and drop the parser, while the request is still in
    // use.
    std::unique_ptr<Parser> parser = std::move(parser_);
    const auto& message = parser->message.get();
    HttpRequest request;
    const std::string_view target = view(message.target());
    const std::size_t question = std::min(target.find('?'), target.size());
    request.method = view(message.method_string());
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(target.size(), question + 1));
    request.body = message.body();
    request.is_http_1_1 = message.version() == 11;
    request.peer = peer_.address;
    request.is_from_proxy = peer_.is_proxy;
    request.is_encrypted = is_encrypted();
    request.headers.reserve(16);
    for (const auto& field : message) {
        request.headers.push_back({view(field.name_string()), view(field.value())});
    }
    keeps_alive_ = message.keep_alive();
    is_http_1_1_ = request.is_http_1_1;
    is_head_ = message.method() == http::verb::head;
    is_answering_ = true;
    route_ = HttpRoute::other;
    reactor().leave_line(*this);
    cancel_timer();  // how long an answer takes is not the client's fault
    const HttpResponder responder(reactor(), reactor().handle_of(*this));
    if (!parser->has_waited && routes_.must_wait(request, responder)) {
        parser_ = std::move(parser);
        reactor().line_up(*this);  // strangers can bring this about, so it may have to give way
        return;
    }
    if (!routes_.is_websocket_path(request.path)) return routes_.on_request(request, responder);
    route_ = HttpRoute::websocket;
    const HttpResponse answer = answer_handshake(request);
    if (answer.status == switching_protocols) {
        upgrade(request, answer, input);
    } else {
        respond(answer);
    }
}

void HttpConnection::upgrade(
    const HttpRequest& request, const HttpResponse& response, std::span<char>& input
) {
    send_unbounded(make_buffer(serialize(response, true)));
    count(response);
    Reactor& home = reactor();
    Socket socket = release();
    const int fd = socket.fd;
    auto& link = static_cast<WebSocketConnection&>(
        home.adopt(std::make_unique<WebSocketConnection>(home, std::move(socket)))
    );
    home.rewatch(fd, link);
    home.mark_dirty(link);
    const std::span<char> early = std::exchange(input, {});
    try {
        link.open([&](MessageLink& opened) { return routes_.open_link(request, opened); }, early);
    } catch (...) {
        link.on_failure();  // the Reactor knows of this object's failure only, and this one is over
        throw;
    }
}

void HttpConnection::proceed() {
    if (!parser_ || !is_answering_ || has_ended()) return;
    is_answering_ = false;
    parser_->has_waited = true;
    reactor().guard(*this, [this] { feed({}); });
}

void HttpConnection::respond(const HttpResponse& response) {
    if (!is_answering_) return;
    count(response);
    const bool keeps_alive = keeps_alive_ && !response.closes_connection;
    send_unbounded(make_buffer(serialize(response, keeps_alive)));
    if (!keeps_alive) return linger();
    is_answering_ = false;
    arm_timer(idle_timeout);
    reactor().line_up(*this);
    resume_input();
}

void HttpConnection::count(const HttpResponse& response) {
    reactor().counters().activity().http_answers.add(route_, response.status);
}

std::string HttpConnection::serialize(const HttpResponse& response, bool keeps_alive) const {
    std::string text;
    text.reserve(256 + response.body.size());
    text += "HTTP/1.1 " + std::to_string(response.status) + ' ';
    text += view(http::obsolete_reason(http::int_to_status(response.status)));
    text.append("\r\nDate: ").append(http_date()).append("\r\n");
    for (const auto& [name, value] : response.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    if (response.status == switching_protocols) return text + "\r\n";
    if (!keeps_alive) {
        text += "Connection: close\r\n";
    } else if (!is_http_1_1_) {
        text += "Connection: keep-alive\r\n";
    }
    if (response.status == no_content) return text + "\r\n";
    text.append("Content-Type: ").append(response.content_type).append("\r\n");
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n";
    if (!is_head_) text += response.body;
    return text;
}

void HttpConnection::on_deadline() {
    // Who is still busy with the last answer is neither idle nor slow to ask.
    if (has_taken_something()) {
        arm_timer(idle_timeout);
    } else {
        finish();
    }
}

void HttpResponder::proceed() const {
    if (Connection* connection = reactor_->find(connection_)) {
        static_cast<HttpConnection*>(connection)->proceed();
    }
}

void HttpResponder::set_route(HttpRoute route) const {
    if (Connection* connection = reactor_->find(connection_)) {
        static_cast<HttpConnection*>(connection)->set_route(route);
    }
}

void HttpResponder::respond(const HttpResponse& response) const {
    // A responder is made by an HttpConnection for itself, so the cast is right.
    if (Connection* connection = reactor_->find(connection_)) {
        static_cast<HttpConnection*>(connection)->respond(response);
    }
}

}  // namespace fanfare::transport
