// SPDX-License-Identifier: MIT
#include "fanfare/server/health.hpp"

#include "fanfare/base/ip_address.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace fanfare::server {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr std::chrono::seconds patience{5};

struct Probe {
    std::string preamble;  ///< in front of everything
    std::string request;
    bool is_encrypted = false;
    bool lacks_certificate = false;  ///< without which nothing is answered
};

template <typename Stream>
asio::awaitable<unsigned> status_over(Stream& stream, const std::string& request) {
    co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
    beast::flat_buffer buffer;
    beast::http::response<beast::http::string_body> response;
    co_await beast::http::async_read(stream, buffer, response, asio::use_awaitable);
    co_return response.result_int();
}

asio::awaitable<unsigned> status_of(tcp::endpoint endpoint, Probe probe) {
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    stream.expires_after(patience);
    co_await stream.async_connect(endpoint, asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(probe.preamble), asio::use_awaitable);
    if (!probe.is_encrypted) co_return co_await status_over(stream, probe.request);
    // Whether it is up is asked, on this machine, not who it is.
    asio::ssl::context context(asio::ssl::context::tls_client);
    asio::ssl::stream<beast::tcp_stream&> encrypted(stream, context);
    co_await encrypted.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    if (probe.lacks_certificate) co_return 200U;
    co_return co_await status_over(encrypted, probe.request);
}

/// From a proxy that it trusts, and this machine may be one, the server expects a header first.
bool is_proxy(const config::ServerSettings& settings, const tcp::endpoint& endpoint) {
    if (!settings.proxy_protocol) return false;
    const auto address = IpAddress::parse(endpoint.address().to_string());
    const auto& networks = settings.trusted_proxies;
    return std::any_of(networks.begin(), networks.end(), [&address](const std::string& network) {
        return IpNetwork::parse(network).value().contains(*address);
    });
}

}  // namespace

void require_up(const config::ServerSettings& settings) {
    const std::string host = config::local_host(settings.host);
    const std::string port = std::to_string(settings.port);
    unsigned status = 0;
    try {
        asio::io_context context(1);
        tcp::resolver resolver(context);
        const tcp::endpoint endpoint = resolver.resolve(host, port)->endpoint();
        Probe probe;
        if (is_proxy(settings, endpoint)) probe.preamble = "PROXY UNKNOWN\r\n";
        probe.request = "GET " + settings.path + "/up HTTP/1.1\r\nHost: " + host +
                        "\r\nConnection: close\r\n\r\n";
        probe.is_encrypted = !settings.tls.certificate_file.empty();
        probe.lacks_certificate = !settings.tls.client_ca_file.empty();
        auto answer =
            asio::co_spawn(context, status_of(endpoint, std::move(probe)), asio::use_future);
        context.run();
        status = answer.get();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(
            "no answer from " + host + ":" + port + ": " + error.code().message()
        );
    }
    if (status != 200) {
        throw std::runtime_error(host + ":" + port + " answers " + std::to_string(status));
    }
}

}  // namespace fanfare::server
