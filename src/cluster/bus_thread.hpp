// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/mailbox.hpp"
#include "fanfare/base/tally.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/logger.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace fanfare::cluster {

/// A callback that carries its argument to `shard`; null stays null.
template <typename Argument>
std::function<void(Argument)> on_shard(
    channels::ShardLinks& shards, unsigned shard, std::function<void(Argument)> done
) {
    if (!done) return nullptr;
    return [&shards, shard, done = std::move(done)](Argument argument) {
        shards.post(shard, [done, argument = std::move(argument)](channels::Hub&) mutable {
            done(std::move(argument));
        });
    };
}

inline void require_same_cluster(const std::string& name, const Attention& attention) {
    if (name == attention.cluster) return;
    throw std::runtime_error(
        "scaling.mode, scaling.channel or scaling.database has changed: that needs a restart"
    );
}

/// The thread on which a node of a cluster lives: it takes work for the `Peer` from any thread,
/// ticks it, and lets it withdraw at the end. A Peer has tick(), withdraw(done), lag(),
/// queued_bytes(), is_settled(), whether nothing is under way, and trouble(), a word that is empty
/// when all is well.
template <typename Peer>
class BusThread {
public:
    BusThread(
        boost::asio::io_context& context,
        Peer& peer,
        redis::Client& client,
        std::chrono::milliseconds tick_interval,
        spdlog::logger& log
    )
        : context_(context),
          peer_(peer),
          client_(client),
          tick_interval_(tick_interval),
          log_(log),
          mailbox_([this] { boost::asio::post(context_, [this] { mailbox_.drain(peer_); }); }) {}

    BusThread(const BusThread&) = delete;
    BusThread& operator=(const BusThread&) = delete;

    ~BusThread() {
        try {
            stop();
        } catch (...) {
            std::terminate();  // the thread must not outlive what it uses
        }
    }

    void start(std::function<void()> on_first_open) {
        on_first_open_ = std::move(on_first_open);
        listen();
    }

    /// Starts the thread, unless it runs already.
    void listen() {
        if (thread_.joinable()) return;
        client_.start();
        tick();
        thread_ = std::thread([this] { run(); });
    }

    void stop() {
        static constexpr std::chrono::seconds limit{2};  // for Redis to take leave
        if (!thread_.joinable()) return;
        boost::asio::post(context_, [this] {
            peer_.withdraw([this] { context_.stop(); });
            give_up_.expires_after(limit);
            give_up_.async_wait([this](const boost::system::error_code&) { context_.stop(); });
        });
        thread_.join();
    }

    /// Any thread.
    void post(typename Mailbox<Peer>::Message work) { mailbox_.post(std::move(work)); }

    /// Any other thread: runs `work` on this one and waits for it. Passes on what it throws.
    void run_here(std::function<void(Peer&)> work) {
        const auto done = std::make_shared<std::promise<void>>();
        post([done, work = std::move(work)](Peer& peer) {
            try {
                work(peer);
                done->set_value();
            } catch (...) {
                done->set_exception(std::current_exception());
            }
        });
        done->get_future().get();
    }

    /// See Bus.
    bool stand_still(std::shared_future<void> go_on) {
        const auto is_still = std::make_shared<std::promise<bool>>();
        boost::asio::post(context_, [this, is_still, go_on = std::move(go_on)] {
            const bool is_settled = peer_.is_settled() && client_.is_idle();
            is_still->set_value(is_settled);
            if (is_settled) go_on.wait();
        });
        return is_still->get_future().get();
    }

    /// Any thread.
    [[nodiscard]] bool has_no_mail() const { return mailbox_.size() == 0; }

    /// Any thread.
    [[nodiscard]] std::string_view trouble() const { return trouble_.load(); }

    /// Any thread.
    [[nodiscard]] BusState state() const {
        return {
            is_connected_.load(),
            losses_.value(),
            std::chrono::microseconds(lag_us_.value()),
            queued_bytes_.value()};
    }

    /// Tells the others of the peer's state.
    void report() {
        trouble_ = peer_.trouble();
        const bool is_up = client_.is_up();
        if (is_connected_.exchange(is_up) && !is_up) losses_.add();
        lag_us_.set(static_cast<std::uint64_t>(peer_.lag().count()));
        queued_bytes_.set(peer_.queued_bytes());
        if (trouble().empty() && on_first_open_) std::exchange(on_first_open_, nullptr)();
    }

private:
    void run() {
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (const std::exception& error) {
                log_.error("cluster: work dropped reason=exception what=\"{}\"", error.what());
            }
        }
        client_.stop();
    }

    void tick() {
        ticker_.expires_after(tick_interval_);
        ticker_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            tick();
            peer_.tick();
            report();
        });
    }

    boost::asio::io_context& context_;
    Peer& peer_;
    redis::Client& client_;
    const std::chrono::milliseconds tick_interval_;
    spdlog::logger& log_;
    Mailbox<Peer> mailbox_;
    boost::asio::steady_timer ticker_{context_};
    boost::asio::steady_timer give_up_{context_};
    std::function<void()> on_first_open_;
    std::atomic<const char*> trouble_{"starting"};
    std::atomic<bool> is_connected_{false};
    Tally losses_;
    Tally lag_us_;
    Tally queued_bytes_;
    std::thread thread_;
};

}  // namespace fanfare::cluster
