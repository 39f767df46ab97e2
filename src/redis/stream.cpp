// SPDX-License-Identifier: MIT
#include "stream.hpp"

#include "tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace fanfare::redis {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Stream::Stream(asio::io_context& context) : resolver_(context), socket_(context) {}

void Stream::connect(const Endpoint& endpoint, Outcome done) {
    if (!endpoint.unix_path.empty()) {
        try {
            const asio::local::stream_protocol::endpoint path(endpoint.unix_path);
            connect_to({Address(path)}, false, std::move(done));
        } catch (const boost::system::system_error& error) {  // the path is too long
            asio::post(
                socket_.get_executor(),
                [done = std::move(done), reason = error.code().message()] {
                    done("cannot connect: " + reason);
                }
            );
        }
        return;
    }
    error_code not_an_address;
    const auto address = asio::ip::make_address(endpoint.host, not_an_address);
    if (!not_an_address) {
        connect_to({Address(tcp::endpoint(address, endpoint.port))}, true, std::move(done));
        return;
    }
    resolver_.async_resolve(
        endpoint.host,
        std::to_string(endpoint.port),
        tcp::resolver::numeric_service,
        [this, done = std::move(done)](const error_code& error, const auto& results) {
            if (error) return done("cannot resolve: " + error.message());
            std::vector<Address> addresses;
            for (const auto& result : results) addresses.emplace_back(result.endpoint());
            connect_to(addresses, true, done);
        }
    );
}

void Stream::connect_to(const std::vector<Address>& addresses, bool is_tcp, Outcome done) {
    asio::async_connect(
        socket_,
        addresses,
        [this, is_tcp, done = std::move(done)](const error_code& error, const Address&) {
            if (error) return done("cannot connect: " + error.message());
            error_code ignored;  // slower, not wrong
            if (is_tcp) socket_.set_option(tcp::no_delay(true), ignored);
            done({});
        }
    );
}

void Stream::secure(
    asio::ssl::context& context, const std::string& name, bool verify, Outcome done
) {
    tls_.emplace(socket_, context);
    expect_name(*tls_->native_handle(), name, verify);
    tls_->async_handshake(
        asio::ssl::stream_base::client,
        [this, done = std::move(done)](const error_code& error) {
            done(error ? handshake_failure(*tls_->native_handle(), error) : std::string());
        }
    );
}

void Stream::read_some(std::span<char> into, Transferred done) {
    const auto buffer = asio::buffer(into.data(), into.size());
    if (tls_) {
        tls_->async_read_some(buffer, std::move(done));
    } else {
        socket_.async_read_some(buffer, std::move(done));
    }
}

void Stream::write_some(std::string_view bytes, Transferred done) {
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    if (tls_) {
        tls_->async_write_some(buffer, std::move(done));
    } else {
        socket_.async_write_some(buffer, std::move(done));
    }
}

void Stream::close() {
    resolver_.cancel();
    error_code ignored;  // whatever it says, the descriptor is gone
    socket_.close(ignored);
}

}  // namespace fanfare::redis
