// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fanfare::redis {

/// A byte stream over TCP, TLS over TCP, or a Unix socket. A handler that is passed in has to keep
/// the Stream alive; each is called once, from the loop.
class Stream {
public:
    /// Gets why it failed; empty if it did not.
    using Outcome = std::function<void(const std::string& failure)>;
    using Transferred = std::function<void(const boost::system::error_code&, std::size_t)>;

    explicit Stream(boost::asio::io_context& context);

    /// Resolves and connects.
    void connect(const Endpoint& endpoint, Outcome done);

    /// Makes it TLS; everything from now on goes through it.
    void secure(
        boost::asio::ssl::context& context, const std::string& name, bool verify, Outcome done
    );

    void read_some(std::span<char> into, Transferred done);
    void write_some(std::string_view bytes, Transferred done);

    /// Ends everything that is under way; its handlers are still called.
    void close();

private:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Address = boost::asio::generic::stream_protocol::endpoint;

    void connect_to(const std::vector<Address>& addresses, bool is_tcp, Outcome done);

    boost::asio::ip::tcp::resolver resolver_;
    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace fanfare::redis
