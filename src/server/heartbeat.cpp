// SPDX-License-Identifier: MIT
#include "heartbeat.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace fanfare::server {

namespace {

constexpr std::chrono::microseconds status_time{5'000'000};
constexpr int beats_per_watchdog_time = 4;  // so that one that comes late does no harm

}  // namespace

Heartbeat::Heartbeat(
    boost::asio::io_context& context,
    ServiceManager& manager,
    channels::ShardLinks& links,
    unsigned shards,
    std::function<std::string()> make_status
)
    : context_(context),
      manager_(manager),
      links_(links),
      shards_(shards),
      make_status_(std::move(make_status)),
      timer_(context) {}

void Heartbeat::start() {
    if (!manager_.is_there()) return;
    tell_status();
    ask_shards();
    wait();
}

void Heartbeat::tell_status() {
    if (!manager_.is_there()) return;
    std::string status = make_status_();
    if (status == status_) return;
    status_ = std::move(status);
    manager_.status(status_);
}

void Heartbeat::wait() {
    const auto watchdog_time = manager_.watchdog_time();
    timer_.expires_after(
        watchdog_time ? std::min(status_time, *watchdog_time / beats_per_watchdog_time)
                      : status_time
    );
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        tell_status();
        ask_shards();
        wait();
    });
}

/// Unless one of them still owes an answer.
void Heartbeat::ask_shards() {
    if (!manager_.watchdog_time() || unanswered_ != 0) return;
    unanswered_ = shards_;
    for (unsigned shard = 0; shard < shards_; ++shard) {
        links_.post(shard, [this](channels::Hub&) {
            boost::asio::post(context_, [this] { on_answer(); });
        });
    }
}

void Heartbeat::on_answer() {
    if (--unanswered_ == 0) manager_.alive();
}

}  // namespace fanfare::server
