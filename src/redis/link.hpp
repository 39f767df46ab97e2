// SPDX-License-Identifier: MIT
#pragma once

#include "connection.hpp"

#include "fanfare/redis/client.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fanfare::redis {

class Link;

/// Who owns a Link. It may destroy the Link in any of these.
class LinkEvents {
public:
    virtual void on_link_up(Link& link) = 0;
    virtual void on_link_lost(Link& link, const std::string& reason) = 0;
    virtual void on_link_subscribed(std::string_view topic) = 0;
    virtual void on_link_message(std::string_view topic, std::string_view payload) = 0;

protected:
    ~LinkEvents() = default;
};

/// One master: a connection for commands and one for messages, both or none. It is up when both are
/// logged in, the server has said that it is a master, and the scripts are loaded.
class Link final : public ConnectionEvents {
public:
    /// `is_sharded`: topics have slots (Redis Cluster).
    Link(
        boost::asio::io_context& context,
        const Connection::Login& login,
        bool is_sharded,
        std::span<const Script> scripts,
        LinkEvents& events
    );
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void open();

    [[nodiscard]] Connection& commands() { return *commands_; }

    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);

    /// Calls `done` when every message has arrived that the server had by now.
    void catch_up(std::function<void()> done);

    [[nodiscard]] bool is_up() const { return missing_ == 0; }

    /// Names the server's process; known when up.
    [[nodiscard]] const std::string& run_id() const { return run_id_; }

    [[nodiscard]] const Endpoint& endpoint() const { return commands_->endpoint(); }

    [[nodiscard]] std::size_t backlog() const;

    /// Whether all commands have been answered, and nothing waits to be written.
    [[nodiscard]] bool is_idle() const { return backlog() == 0 && commands_->is_answered(); }

private:
    /// Topics of one turn. All are subscribed, or all are unsubscribed.
    struct Batch {
        bool is_subscribe = true;
        std::vector<std::string> topics;
    };

    void on_open(Connection& connection) override;
    void on_lost(Connection& connection, const std::string& reason) override;
    void on_push(Connection& connection, Reply push) override;
    void before_write(Connection& connection) override;

    void identify();
    void load(const Script& script);
    void arrived();
    void fail(const std::string& reason);
    void on_pong();
    void on_unsubscribed(const std::string& topic);
    void add_to_batch(bool is_subscribe, std::string_view topic);
    void send(Batch& batch);

    std::shared_ptr<Connection> commands_;
    std::shared_ptr<Connection> messages_;
    bool is_sharded_;
    std::span<const Script> scripts_;
    LinkEvents& events_;
    std::size_t missing_;  ///< answers until it is up
    std::string run_id_;
    std::vector<Batch> batches_;
    std::size_t batched_bytes_ = 0;
    std::uint64_t pongs_ = 0;
    std::deque<std::pair<std::uint64_t, std::function<void()>>> on_pong_;  // by its number
    /// How many answers to UNSUBSCRIBE are to come; any other means that the slot has moved.
    std::unordered_map<std::string, std::size_t> leaving_;
};

}  // namespace fanfare::redis
