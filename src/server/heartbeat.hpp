// SPDX-License-Identifier: MIT
#pragma once

#include "service_manager.hpp"

#include "fanfare/channels/hub.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace fanfare::server {

/// Tells the service manager at regular intervals what the server is doing, and that it lives: that
/// the main thread runs, and that each shard has answered a question asked after the last time. A
/// shard that hangs is a server that hangs, since the kernel goes on giving it clients. On the main
/// thread; does nothing if there is no service manager.
class Heartbeat {
public:
    /// All outlive it, and the shards have stopped before it is destroyed.
    Heartbeat(
        boost::asio::io_context& context,
        ServiceManager& manager,
        channels::ShardLinks& links,
        unsigned shards,
        std::function<std::string()> make_status
    );
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    /// The shards are running.
    void start();

    /// Says what has changed since the last time.
    void tell_status();

private:
    void wait();
    void ask_shards();
    void on_answer();

    boost::asio::io_context& context_;
    ServiceManager& manager_;
    channels::ShardLinks& links_;
    unsigned shards_;
    std::function<std::string()> make_status_;
    boost::asio::steady_timer timer_;
    std::string status_;
    unsigned unanswered_ = 0;
};

}  // namespace fanfare::server
