// SPDX-License-Identifier: MIT
#include "metrics_page.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace fanfare::server {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds visit_time{2};
constexpr std::chrono::seconds pause_time{1};  // after a visitor who could not be accepted

/// The first endpoint of a host, which may be in brackets.
tcp::endpoint resolve(boost::asio::io_context& context, std::string host, const std::string& port) {
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    tcp::resolver resolver(context);
    return resolver.resolve(host, port, tcp::resolver::passive)->endpoint();
}

}  // namespace

MetricsPage::MetricsPage(
    boost::asio::io_context& context,
    const std::string& address,
    std::function<std::string()> make_text
)
    : make_text_(std::move(make_text)), acceptor_(context), pause_(context) {
    const std::size_t colon = address.rfind(':');
    host_ = address.substr(0, colon);
    try {
        const tcp::endpoint endpoint = resolve(context, host_, address.substr(colon + 1));
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + address + ": " + error.code().message());
    }
    accept();
}

std::string MetricsPage::address() const {
    return host_ + ":" + std::to_string(acceptor_.local_endpoint().port());
}

void MetricsPage::accept() {
    visitor_.reset();
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) {
            visitor_.emplace(std::move(socket));
            return read();
        }
        // Out of descriptors, as a rule; to try again at once would keep the thread busy.
        pause_.expires_after(pause_time);
        pause_.async_wait([this](const error_code& stopped) {
            if (!stopped) accept();
        });
    });
}

void MetricsPage::read() {
    buffer_.clear();
    request_ = {};
    visitor_->expires_after(visit_time);
    http::async_read(*visitor_, buffer_, request_, [this](const error_code& error, std::size_t) {
        if (error == boost::asio::error::operation_aborted) return;
        if (error) return accept();
        answer();
    });
}

void MetricsPage::answer() {
    const auto path = request_.target().substr(0, request_.target().find('?'));
    const bool is_found = path == "/metrics" && request_.method() == http::verb::get;
    response_ = {};
    response_.result(is_found ? http::status::ok : http::status::not_found);
    response_.set(
        http::field::content_type,
        is_found ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8"
    );
    response_.body() = is_found ? make_text_() : "Not found: the metrics are at GET /metrics.\n";
    response_.keep_alive(false);
    response_.prepare_payload();
    http::async_write(*visitor_, response_, [this](const error_code& error, std::size_t) {
        if (error != boost::asio::error::operation_aborted) accept();
    });
}

}  // namespace fanfare::server
