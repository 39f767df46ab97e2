// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <optional>
#include <string>

namespace fanfare::server {

/// `GET /metrics` for Prometheus, on an address of its own, which need not be the clients'. Answers
/// one visitor after the other: Prometheus is the only one that is expected, and a slow one cannot
/// use up descriptors. On the thread of its io_context.
class MetricsPage {
public:
    /// Listens on `address`, `host:port`. Throws std::runtime_error with a line for the operator.
    MetricsPage(
        boost::asio::io_context& context,
        const std::string& address,
        std::function<std::string()> make_text
    );

    MetricsPage(const MetricsPage&) = delete;
    MetricsPage& operator=(const MetricsPage&) = delete;

    /// Where it listens, if the port was 0.
    [[nodiscard]] std::string address() const;

private:
    void accept();
    void read();
    void answer();

    std::function<std::string()> make_text_;
    std::string host_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::optional<boost::beast::tcp_stream> visitor_;
    boost::beast::flat_buffer buffer_;
    boost::beast::http::request<boost::beast::http::empty_body> request_;
    boost::beast::http::response<boost::beast::http::string_body> response_;
};

}  // namespace fanfare::server
