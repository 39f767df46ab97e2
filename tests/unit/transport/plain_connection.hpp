// SPDX-License-Identifier: MIT
#pragma once

#include "support/socket_world.hpp"

#include "fanfare/transport/connection.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::transport::testing {

/// A connection that writes down what happens to it.
class PlainConnection final : public Connection {
public:
    PlainConnection(Reactor& reactor, int fd, std::vector<std::string>& events)
        : Connection(reactor, Socket{fd, {}}), events_(events) {}

    ~PlainConnection() override { events_.push_back("destroyed"); }

    using Connection::arm_timer;
    using Connection::drop_unsent;
    using Connection::finish;
    using Connection::linger;
    using Connection::resume_input;

    void send_text(std::string text) { send(make_buffer(std::move(text))); }

    bool is_hungry = true;
    bool is_waiting = false;
    std::size_t takes = SIZE_MAX;  // of each input
    std::function<void(std::string_view)> on_bytes = [](std::string_view) {};
    std::function<void()> on_alarm = [] {};
    std::function<void()> on_loss = [] {};
    std::function<void()> on_full = [this] {
        drop_unsent();
        send_text("[goodbye]");
        linger();
    };

private:
    bool wants_input() const override { return is_hungry; }

    bool is_idle() const override { return is_waiting; }

    bool is_at_rest() const override { return true; }

    void on_input(std::span<char>& input) override {
        const std::string text(input.data(), std::min(takes, input.size()));
        input = input.subspan(text.size());
        events_.push_back("input " + text);
        on_bytes(text);
    }

    void on_disconnect() override {
        events_.push_back("disconnect");
        on_loss();
    }

    void on_backlog_full() override {
        events_.push_back("backlog full");
        on_full();
    }

    void on_deadline() override {
        events_.push_back("deadline");
        on_alarm();
    }

    std::vector<std::string>& events_;
};

class ConnectionTest : public ::testing::Test {
protected:
    struct Client {
        FarEnd far_end;
        PlainConnection* connection;
    };

    Client connect(int type = SOCK_STREAM) {
        auto pair = SocketWorld::make_pair(type);
        auto& connection = world_.adopt(
            pair.fd, std::make_unique<PlainConnection>(world_.reactor(), pair.fd, events_)
        );
        return {std::move(pair.far_end), &connection};
    }

    std::vector<std::string> take_events() { return std::exchange(events_, {}); }

    std::vector<std::string> events_;  // outlives the connections
    SocketWorld world_{100'000};
};

}  // namespace fanfare::transport::testing
