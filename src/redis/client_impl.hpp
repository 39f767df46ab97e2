// SPDX-License-Identifier: MIT
#pragma once

#include "discovery.hpp"
#include "link.hpp"

#include "fanfare/base/backoff.hpp"
#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::redis {

///   stopped ──start──▶ waiting ──timer──▶ finding ──masters──▶ linking ──all links up──▶ up
///                         ▲                  │                    │                      │
///                         └──────────────────┴─ nobody tells ─────┴─ any link is lost ───┘
///
/// While up, it looks from time to time whether the masters are still the same: a master that was
/// replaced may not know it, or may go on talking to us.
class Client::Impl final : public std::enable_shared_from_this<Impl>,
                           public LinkEvents,
                           public DiscoveryEvents {
public:
    Impl(
        boost::asio::io_context& context,
        Options options,
        std::span<Script> scripts,
        spdlog::logger& log,
        ClientEvents& events
    );

    void start();
    void stop();
    void drop(std::string reason);

    [[nodiscard]] bool is_up() const { return state_ == State::up; }

    [[nodiscard]] bool is_sharded() const { return options_.topology == Topology::cluster; }

    /// The link to the master of a key or topic. Only while up.
    [[nodiscard]] Link& link_of(std::string_view key);

    void catch_up(std::function<void()> done);

    [[nodiscard]] std::size_t backlog() const;

    [[nodiscard]] bool is_idle() const;

private:
    enum class State : std::uint8_t { stopped, waiting, finding, linking, up };
    using TimePoint = std::chrono::steady_clock::time_point;

    void on_masters(std::vector<Master> masters) override;
    void on_no_masters(const std::string& asked, const std::string& reason) override;
    void on_link_up(Link& link) override;
    void on_link_lost(Link& link, const std::string& reason) override;
    void on_link_subscribed(std::string_view topic) override;
    void on_link_message(std::string_view topic, std::string_view payload) override;

    void after(std::chrono::milliseconds delay, void (Impl::*step)());
    void find();
    void link_up();
    void look_again();
    void compare(const std::vector<Master>& masters);
    void give_up(const std::string& endpoint, const std::string& reason);
    void warn_of_failure(const std::string& endpoint, const std::string& reason);

    boost::asio::io_context& context_;
    const Options options_;
    std::span<const Script> scripts_;
    spdlog::logger& log_;
    ClientEvents& events_;
    Backoff backoff_;
    boost::asio::steady_timer timer_;
    State state_ = State::stopped;
    Discovery discovery_;
    std::vector<Master> masters_;
    std::vector<std::unique_ptr<Link>> links_;  ///< as masters_
    std::vector<std::uint16_t> link_of_slot_;   ///< of a cluster
    std::size_t looked_at_ = 0;                 ///< the link that was asked last for the masters
    TimePoint up_since_;
    std::optional<TimePoint> last_warning_;  ///< since it was up
    std::size_t unreported_failures_ = 0;
};

}  // namespace fanfare::redis
