// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"
#include "fanfare/redis/reply.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::redis {

/// What a Client tells its user. All calls come on the thread of the io_context, never from inside
/// a call into the Client. The Client may be stopped in any of them, but not destroyed.
class ClientEvents {
public:
    /// All masters are reached, their scripts loaded; nothing is subscribed. `servers` are the run
    /// ids (INFO server) of the masters in a fixed order: the same text as the last time means that
    /// the very same processes still hold what was written to them.
    virtual void on_up(const std::string& servers) = 0;

    /// A connection is lost, hence all are given up. Commands without an answer will get none:
    /// their callbacks have been dropped. The Client connects again by itself, for ever.
    virtual void on_down(std::string_view reason) = 0;

    /// `topic` is subscribed from now on.
    virtual void on_subscribed(std::string_view topic) = 0;

    virtual void on_message(std::string_view topic, std::string_view payload) = 0;

protected:
    ~ClientEvents() = default;
};

/// A server-side script; sent by its hash.
struct Script {
    std::string_view body;
    std::string sha1;  ///< filled in by the Client's constructor
};

/// The Redis that the cluster shares: one server, the master that sentinels name, or the masters of
/// a Redis Cluster. To each it keeps two connections, one for commands (pipelined, answered in
/// order) and one for messages. RESP by hiredis, over Asio sockets (TCP, TLS, Unix).
///
/// It is up when all masters are reached. It is down when any connection is lost, silent for
/// `timeout`, or answers MOVED, ASK, TRYAGAIN, READONLY, LOADING, NOSCRIPT, MASTERDOWN or
/// CLUSTERDOWN, and when sentinels or cluster name other masters, which it asks once per `timeout`:
/// then it drops all and connects anew, after 50 ms at first, doubling to 5 s, half of it random.
/// What is sent in one turn of the loop goes out in one write per connection.
class Client {
public:
    using Done = std::function<void(Reply)>;

    /// `scripts` must outlive the Client.
    Client(
        boost::asio::io_context& context,
        Options options,
        std::span<Script> scripts,
        spdlog::logger& log,
        ClientEvents& events
    );
    ~Client();

    void start();

    /// Closes all connections; no further event comes.
    void stop();

    [[nodiscard]] bool is_up() const;

    /// Ignored while down. `key` chooses the master (the hash slot of a Redis Cluster). `done` may
    /// be null; it is called once with the answer, or never if the connection is lost before.
    void command(std::string_view key, std::span<const std::string_view> arguments, Done done);

    /// Runs a script. `keys` lie in one slot.
    void run(
        const Script& script,
        std::span<const std::string_view> keys,
        std::span<const std::string_view> arguments,
        Done done
    );

    /// PUBLISH, or SPUBLISH in a Redis Cluster.
    void publish(std::string_view topic, std::string_view payload, Done done);

    /// SUBSCRIBE, or SSUBSCRIBE in a Redis Cluster. Ignored while down: nothing is subscribed
    /// on_up.
    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);

    /// Calls `done` when every message has been told of that Redis had by now; never, if a
    /// connection is lost before, or while down.
    void catch_up(std::function<void()> done);

    /// Gives the connections up, as if they were lost. Ignored while down.
    void drop(std::string_view reason);

    /// The name of the command that publishes, for scripts: PUBLISH or SPUBLISH.
    [[nodiscard]] std::string_view publish_command() const;

    /// Bytes that wait to be written, over all connections.
    [[nodiscard]] std::size_t backlog() const;

    /// Whether all commands have been answered, and nothing waits to be written.
    [[nodiscard]] bool is_idle() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  ///< watched by its timers' handlers, to see whether it still is
};

}  // namespace fanfare::redis
