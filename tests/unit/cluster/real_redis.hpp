// SPDX-License-Identifier: MIT
#pragma once

#include "redis_store.hpp"
#include "store_driver.hpp"

#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>

namespace fanfare::cluster::testing {

/// RedisStore on a Client to a real Redis, whose loop turns while something is waited for.
class RedisDriver final : public StoreDriver, private redis::ClientEvents {
public:
    explicit RedisDriver(redis::Options options, std::string_view name_space = "test")
        : store_(name_space), client_(context_, std::move(options), store_.scripts(), log_, *this) {
        store_.use(client_);
        client_.start();
        wait_for([this] { return is_up_; });
        store_.subscribe_cluster();
        wait_for([this] { return subscribed_.contains(store_.keys().cluster_topic()); });
    }

    ~RedisDriver() override {
        client_.stop();
        context_.restart();
        context_.poll();
    }

    RedisDriver(const RedisDriver&) = delete;
    RedisDriver& operator=(const RedisDriver&) = delete;

    [[nodiscard]] Store& store() override { return store_; }

    [[nodiscard]] const KeySpace& keys() const { return store_.keys(); }

    void listen(ChannelName channel) override {
        store_.subscribe(channel);
        wait_for([&] { return subscribed_.contains(keys().topic(channel)); });
    }

    /// Of one Redis, all that was published before a message that this publishes itself.
    std::vector<std::string> heard() override {
        store_.publish_cluster(encode(EchoMessage{"driver", ++echo_}), nullptr);
        wait_for([this] { return heard_echo_ == echo_; });
        return std::exchange(heard_, {});
    }

    /// Of several Redis: as many messages as are expected.
    std::vector<std::string> heard(std::size_t count) {
        wait_for([&] { return heard_.size() >= count; });
        return std::exchange(heard_, {});
    }

    void wait_for(const std::function<bool()>& condition) override {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain");
            if (!down_reason.empty()) throw std::runtime_error("redis is away: " + down_reason);
            context_.restart();
            context_.run_one_for(std::chrono::milliseconds(20));
        }
    }

    std::string down_reason;

private:
    void on_up(const std::string&) override { is_up_ = true; }

    void on_down(std::string_view reason) override { down_reason = reason; }

    void on_subscribed(std::string_view topic) override { subscribed_.emplace(topic); }

    void on_message(std::string_view topic, std::string_view payload) override {
        if (topic == keys().cluster_topic()) {
            const auto message = decode(payload);
            if (const auto* echo = std::get_if<EchoMessage>(&message.value())) {
                heard_echo_ = echo->sent_us;
            }
            return;
        }
        const auto name = KeySpace::parse_name(keys().name_in_topic(topic)).value();
        heard_.push_back(name.second + ": " + text_of_bytes(payload));
    }

    boost::asio::io_context context_{1};
    spdlog::logger log_{"silent", std::make_shared<spdlog::sinks::null_sink_st>()};
    RedisStore store_;
    bool is_up_ = false;
    std::set<std::string, std::less<>> subscribed_;
    std::uint64_t echo_ = 0;
    std::uint64_t heard_echo_ = 0;
    std::vector<std::string> heard_;
    redis::Client client_;
};

}  // namespace fanfare::cluster::testing
