// SPDX-License-Identifier: MIT
#pragma once

#include "support/redis_server.hpp"

#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::redis::testing {

using fanfare::testing::RedisServer;
using namespace std::chrono_literals;

inline Options options_for(const RedisServer& server) {
    Options options;
    options.endpoints = {{"127.0.0.1", server.port(), {}}};
    return options;
}

/// A Client with a loop of its own that the test turns; writes down what it is told.
class ClientWorld final : public ClientEvents {
public:
    explicit ClientWorld(const Options& options) : client(context, options, scripts, log_, *this) {
        log_.set_level(spdlog::level::debug);
    }

    ~ClientWorld() {
        client.stop();
        context.restart();
        context.poll();
    }

    ClientWorld(const ClientWorld&) = delete;
    ClientWorld& operator=(const ClientWorld&) = delete;

    /// Turns the loop until it is so, or for too long.
    bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit = 20s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            context.restart();
            context.run_one_for(20ms);
        }
        return true;
    }

    bool wait_for_event(const std::string& event, std::ptrdiff_t times = 1) {
        return wait_for([&] { return std::ranges::count(events, event) >= times; });
    }

    bool come_up(std::ptrdiff_t times = 1) {
        if (times == 1) client.start();
        return wait_for_event("up", times);
    }

    /// The answer to a command; null if none comes.
    std::optional<Reply> ask(std::initializer_list<std::string_view> arguments) {
        const std::string_view key = arguments.size() > 1 ? *(arguments.begin() + 1) : "";
        std::optional<Reply> answer;
        client.command(key, {arguments.begin(), arguments.size()}, [&](Reply reply) {
            answer = std::move(reply);
        });
        wait_for([&] { return answer.has_value() || !client.is_up(); });
        return answer;
    }

    [[nodiscard]] spdlog::logger& logger() { return log_; }

    [[nodiscard]] std::string log() const { return log_text_.str(); }

    [[nodiscard]] std::size_t count_in_log(const std::string& text) const {
        const std::string all = log();
        std::size_t count = 0;
        for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) {
            ++count;
        }
        return count;
    }

    boost::asio::io_context context{1};
    std::vector<std::string> events;
    std::vector<std::string> servers;  ///< of each on_up
    std::string down_reason;           ///< of the last on_down
    std::function<void(std::string_view)> on_event = [](std::string_view) {};

private:
    void note(std::string event) {
        events.push_back(std::move(event));
        on_event(std::string(events.back()));
    }

    void on_up(const std::string& run_ids) override {
        servers.push_back(run_ids);
        note("up");
    }

    void on_down(std::string_view reason) override {
        down_reason = reason;
        note("down");
    }

    void on_subscribed(std::string_view topic) override {
        note("subscribed " + std::string(topic));
    }

    void on_message(std::string_view topic, std::string_view payload) override {
        note(std::string(topic) + ": " + std::string(payload));
    }

    std::ostringstream log_text_;
    spdlog::logger log_{"redis", std::make_shared<spdlog::sinks::ostream_sink_st>(log_text_)};

public:
    std::array<Script, 1> scripts{{{"return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}", {}}}};
    Client client;
};

}  // namespace fanfare::redis::testing
