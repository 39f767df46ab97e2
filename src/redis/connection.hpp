// SPDX-License-Identifier: MIT
#pragma once

#include "reader.hpp"
#include "stream.hpp"

#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace fanfare::redis {

class Connection;

/// Who owns a Connection. It may close the Connection in any of these.
class ConnectionEvents {
public:
    /// Logged in.
    virtual void on_open(Connection& connection) = 0;

    /// It could not be opened, or is over; nothing follows.
    virtual void on_lost(Connection& connection, const std::string& reason) = 0;

    /// Of a Connection for messages: all it receives once it is open.
    virtual void on_push(Connection& connection, Reply push) = 0;

    /// The last chance to add to what is written next; asked for by want_write.
    virtual void before_write(Connection& connection) = 0;

protected:
    ~ConnectionEvents() = default;
};

/// One connection to a Redis or a sentinel: connects, does the TLS handshake, logs in, and is then
/// a pipeline of commands whose answers come in order, or a stream of messages. What is sent in one
/// turn of the loop goes out in one write.
///
/// Sends PING every half `timeout`, so that a peer that lives is never silent for a whole one; one
/// that is, is lost.
///
/// Shared by its owner and the handlers of its pending operations: the socket's buffers have to
/// outlive those. After close() it calls nobody, and the callbacks without an answer are dropped.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Done = Client::Done;

    enum class Kind : std::uint8_t { commands, messages };

    struct Login {
        Endpoint endpoint;
        Credentials credentials;
        std::uint32_t database = 0;
        TlsOptions tls;
        std::chrono::milliseconds timeout{};
    };

    Connection(boost::asio::io_context& context, Login login, Kind kind, ConnectionEvents& events);

    void open();
    void close();

    /// Of a Connection for commands: `done` may be null. A refusal (see is_refusal) ends the
    /// connection instead.
    void command(std::span<const std::string_view> arguments, Done done);

    /// As above; an error ends the connection, too, with `arguments[0]` in the reason.
    void require(std::initializer_list<std::string_view> arguments, Done done);

    /// Of a Connection for messages: answers come as pushes.
    void send(std::span<const std::string_view> arguments);

    /// Of a Connection for messages: returns how many pings there have been, with this one.
    std::uint64_t ping();

    void want_write();

    [[nodiscard]] std::size_t backlog() const;

    /// Whether no command is without an answer.
    [[nodiscard]] bool is_answered() const { return pending_.empty(); }

    [[nodiscard]] const Endpoint& endpoint() const { return login_.endpoint; }

private:
    enum class Stage : std::uint8_t { connecting, securing, logging_in, open };
    using TimePoint = std::chrono::steady_clock::time_point;

    void on_connected(const std::string& failure);
    void secure();
    void log_in();
    void wait();
    void on_timer();
    void read();
    void on_read(std::size_t size);
    void on_reply(Reply reply);
    void write();
    void write_rest();
    void lose(const std::string& reason);
    [[nodiscard]] TimePoint due() const;
    [[nodiscard]] std::string silence() const;

    [[nodiscard]] bool is_open() const { return stage_ == Stage::open; }

    boost::asio::io_context& context_;
    Login login_;
    Kind kind_;
    ConnectionEvents* events_;  ///< null: closed
    Stream stream_;
    boost::asio::steady_timer timer_;
    Reader reader_;
    std::deque<Done> pending_;  ///< of the commands without an answer
    std::string queued_;        ///< for the next write
    std::string writing_;
    std::size_t written_ = 0;  ///< of writing_
    TimePoint last_input_;     ///< or when open() was called
    TimePoint last_ping_;
    std::uint64_t pings_ = 0;
    Stage stage_ = Stage::connecting;
    bool is_writing_ = false;
    bool is_write_due_ = false;
    std::array<char, 65'536> input_;
};

}  // namespace fanfare::redis
