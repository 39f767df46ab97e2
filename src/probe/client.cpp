// SPDX-License-Identifier: MIT
#include "fanfare/probe/client.hpp"

#include "certificate.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace fanfare::probe {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<tcp::socket&>;
using HttpResponse = http::response<http::string_body>;

Answer answer_of(const HttpResponse& response) {
    const auto header = [&response](http::field name) { return std::string(response[name]); };
    Answer answer;
    answer.status = response.result_int();
    answer.server = header(http::field::server);
    answer.content_type = header(http::field::content_type);
    answer.location = header(http::field::location);
    answer.date = header(http::field::date);
    answer.body = response.body();
    return answer;
}

http::request<http::string_body> message_of(const Request& request, const Target& target) {
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.path);
    message.set(http::field::host, target.authority());
    message.set(http::field::user_agent, "fanfare");
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

}  // namespace

std::string Target::authority() const {
    const std::string name = host.find(':') == host.npos ? host : "[" + host + "]";
    const bool is_usual = port == (is_encrypted ? 443 : 80);
    return is_usual ? name : name + ":" + std::to_string(port);
}

class Client::Impl {
public:
    Impl(const Target& target, std::chrono::milliseconds patience)
        : target_(target), patience_(patience) {
        connect();
        if (!target_.preamble.empty()) {
            step(Stage::answer, [this](auto done) {
                asio::async_write(socket_, asio::buffer(target_.preamble), done);
            });
        }
        if (target_.is_encrypted) encrypt();
    }

    Answer ask(const Request& request) {
        return tls_ ? ask_over(*tls_, request) : ask_over(socket_, request);
    }

    std::optional<Answer> upgrade(const std::string& path, const Headers& headers) {
        if (tls_) return upgrade_over(secure_socket_.emplace(*tls_), path, headers);
        return upgrade_over(plain_socket_.emplace(socket_), path, headers);
    }

    void send(std::string_view text) {
        if (secure_socket_) return send_over(*secure_socket_, text);
        send_over(*plain_socket_, text);
    }

    std::string receive() {
        return secure_socket_ ? receive_over(*secure_socket_) : receive_over(*plain_socket_);
    }

    std::optional<Certificate> certificate;

private:
    /// Does one thing, and waits for its end. `start` begins it, and has it call what it gets.
    template <typename Start>
    void step(Stage stage, Start start) {
        std::optional<error_code> result;
        start([&result](const error_code& error, const auto&...) { result = error; });
        context_.restart();
        context_.run_for(patience_);
        if (!result) {
            resolver_.cancel();
            error_code ignored;  // it may not be open yet
            socket_.close(ignored);
            context_.run();
            result = asio::error::timed_out;
        }
        if (result->failed()) throw Failure(stage, *result);
    }

    void connect() {
        tcp::resolver::results_type endpoints;
        step(Stage::resolve, [&](auto done) {
            resolver_.async_resolve(
                target_.host,
                std::to_string(target_.port),
                [&endpoints, done](const error_code& error, const auto& found) {
                    endpoints = found;
                    done(error);
                }
            );
        });
        step(Stage::connect, [&](auto done) { asio::async_connect(socket_, endpoints, done); });
    }

    /// A certificate that nobody vouches for is a finding, and no reason to know no more.
    void encrypt() {
        error_code ignored;  // a system without authorities trusts nobody
        tls_context_.set_default_verify_paths(ignored);
        tls_.emplace(socket_, tls_context_);
        SSL* ssl = tls_->native_handle();
        error_code no_address;
        (void)asio::ip::make_address(target_.host, no_address);
        if (no_address) {
            // What the macro for it does, but for a cast that hides mistakes.
            SSL_ctrl(
                ssl,
                SSL_CTRL_SET_TLSEXT_HOSTNAME,
                TLSEXT_NAMETYPE_host_name,
                const_cast<char*>(target_.host.c_str())
            );
        }
        step(Stage::tls, [this](auto done) {
            tls_->async_handshake(asio::ssl::stream_base::client, done);
        });
        X509* shown = SSL_get0_peer_certificate(ssl);
        if (shown == nullptr) return;
        certificate = describe(shown, target_.host);
        const long verdict = SSL_get_verify_result(ssl);
        if (verdict != X509_V_OK) certificate->distrust = X509_verify_cert_error_string(verdict);
    }

    template <typename Stream>
    Answer ask_over(Stream& stream, const Request& request) {
        const auto message = message_of(request, target_);
        step(Stage::answer, [&](auto done) { http::async_write(stream, message, done); });
        beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.skip(request.method == "HEAD");
        step(Stage::answer, [&](auto done) { http::async_read(stream, buffer, parser, done); });
        return answer_of(parser.get());
    }

    template <typename Socket>
    std::optional<Answer> upgrade_over(
        Socket& socket, const std::string& path, const Headers& headers
    ) {
        socket.set_option(websocket::stream_base::decorator([headers](auto& request) {
            request.set(http::field::user_agent, "fanfare");
            for (const auto& [name, value] : headers) request.set(name, value);
        }));
        websocket::response_type response;
        std::optional<error_code> declined;
        step(Stage::answer, [&](auto done) {
            socket.async_handshake(
                response,
                target_.authority(),
                path,
                [&declined, done](error_code error) {
                    if (error == websocket::error::upgrade_declined) {
                        declined = std::exchange(error, {});
                    }
                    done(error);
                }
            );
        });
        if (declined) return answer_of(response);
        return std::nullopt;
    }

    template <typename Socket>
    void send_over(Socket& socket, std::string_view text) {
        step(Stage::answer, [&](auto done) { socket.async_write(asio::buffer(text), done); });
    }

    template <typename Socket>
    std::string receive_over(Socket& socket) {
        beast::flat_buffer message;
        step(Stage::answer, [&](auto done) { socket.async_read(message, done); });
        return beast::buffers_to_string(message.data());
    }

    Target target_;
    std::chrono::milliseconds patience_;
    asio::io_context context_{1};
    tcp::resolver resolver_{context_};
    tcp::socket socket_{context_};
    asio::ssl::context tls_context_{asio::ssl::context::tls_client};
    std::optional<TlsStream> tls_;
    std::optional<websocket::stream<tcp::socket&>> plain_socket_;
    std::optional<websocket::stream<TlsStream&>> secure_socket_;
};

Client::Client(const Target& target, std::chrono::milliseconds patience)
    : impl_(std::make_unique<Impl>(target, patience)) {}

Client::~Client() = default;

const std::optional<Certificate>& Client::certificate() const {
    return impl_->certificate;
}

Answer Client::ask(const Request& request) {
    return impl_->ask(request);
}

std::optional<Answer> Client::upgrade(const std::string& path, const Headers& headers) {
    return impl_->upgrade(path, headers);
}

void Client::send(std::string_view text) {
    impl_->send(text);
}

std::string Client::receive() {
    return impl_->receive();
}

}  // namespace fanfare::probe
