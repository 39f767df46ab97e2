// SPDX-License-Identifier: MIT
#include "client_impl.hpp"

#include "endpoint.hpp"
#include "hash_slot.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace fanfare::redis {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds warning_interval{30};

/// Who has been up for so long is not one that comes only to fall again.
constexpr std::chrono::seconds steady_time{5};

std::string join_run_ids(const std::vector<std::unique_ptr<Link>>& links) {
    std::vector<std::string_view> ids;
    for (const auto& link : links) ids.push_back(link->run_id());
    std::ranges::sort(ids);
    std::string text;
    for (const std::string_view id : ids) (text += text.empty() ? "" : ",") += id;
    return text;
}

}  // namespace

Client::Impl::Impl(
    boost::asio::io_context& context,
    Options options,
    std::span<Script> scripts,
    spdlog::logger& log,
    ClientEvents& events
)
    : context_(context),
      options_(std::move(options)),
      scripts_(scripts),
      log_(log),
      events_(events),
      backoff_(make_secure_random()),
      timer_(context),
      discovery_(context, options_, *this) {
    if (options_.endpoints.empty()) throw std::invalid_argument("no endpoint of a Redis");
}

void Client::Impl::start() {
    if (state_ != State::stopped) return;
    state_ = State::waiting;
    after(std::chrono::milliseconds{0}, &Impl::find);
}

void Client::Impl::stop() {
    state_ = State::stopped;
    timer_.cancel();
    discovery_.cancel();
    links_.clear();
}

/// Later, for this may be called from what it would destroy.
void Client::Impl::drop(std::string reason) {
    boost::asio::post(context_, [weak = weak_from_this(), reason = std::move(reason)] {
        const auto self = weak.lock();
        if (self && self->is_up())
            self->give_up(to_string(self->masters_.front().endpoint), reason);
    });
}

/// There is one step at a time that waits. A handler that was already on its way when the next one
/// was chosen comes too early and is not meant.
void Client::Impl::after(std::chrono::milliseconds delay, void (Impl::*step)()) {
    timer_.expires_after(delay);
    timer_.async_wait([weak = weak_from_this(), step, due = timer_.expiry()](const auto& error) {
        const auto self = weak.lock();
        if (error || !self || self->state_ == State::stopped) return;
        if (self->timer_.expiry() == due) (self.get()->*step)();
    });
}

void Client::Impl::find() {
    state_ = State::finding;
    discovery_.run();
}

void Client::Impl::on_masters(std::vector<Master> masters) {
    if (state_ == State::up) return compare(masters);
    masters_ = std::move(masters);
    link_up();
}

void Client::Impl::on_no_masters(const std::string& asked, const std::string& reason) {
    if (state_ == State::up) {
        log_.debug("redis masters not confirmed asked={} reason=\"{}\"", asked, reason);
        return after(options_.timeout, &Impl::look_again);
    }
    give_up(asked, reason);
}

void Client::Impl::link_up() {
    state_ = State::linking;
    if (is_sharded()) link_of_slot_.resize(slot_count);
    for (const Master& master : masters_) {
        const auto index = static_cast<std::uint16_t>(links_.size());
        for (const SlotRange& range : master.slots) {
            std::fill(
                link_of_slot_.begin() + range.first, link_of_slot_.begin() + range.last + 1, index
            );
        }
        links_.push_back(std::make_unique<Link>(
            context_,
            Connection::Login{
                master.endpoint,
                options_.credentials,
                options_.database,
                options_.tls,
                options_.timeout},
            is_sharded(),
            scripts_,
            *this
        ));
    }
    for (const auto& link : links_) link->open();
}

void Client::Impl::on_link_up(Link&) {
    if (!std::ranges::all_of(links_, &Link::is_up, [](const auto& link) -> Link& { return *link; }))
        return;
    state_ = State::up;
    up_since_ = steady_clock::now();
    last_warning_.reset();
    unreported_failures_ = 0;
    log_.info("redis up masters={} first={}", links_.size(), to_string(links_.front()->endpoint()));
    if (options_.topology != Topology::single) after(options_.timeout, &Impl::look_again);
    events_.on_up(join_run_ids(links_));
}

void Client::Impl::look_again() {
    if (!is_sharded()) return discovery_.run();
    // Nodes take turns; over the connection that is there.
    looked_at_ = (looked_at_ + 1) % links_.size();
    Link& link = *links_[looked_at_];
    link.commands().require({"CLUSTER", "SLOTS"}, [this, &link](const Reply& reply) {
        const auto masters = parse_cluster_slots(reply, link.endpoint().host);
        if (!masters) return on_no_masters(to_string(link.endpoint()), "not every slot");
        compare(*masters);
    });
}

void Client::Impl::compare(const std::vector<Master>& masters) {
    if (masters == masters_) return after(options_.timeout, &Impl::look_again);
    give_up(to_string(masters.front().endpoint), "the masters are others, or have other slots");
}

void Client::Impl::on_link_lost(Link& link, const std::string& reason) {
    give_up(to_string(link.endpoint()), reason);
}

void Client::Impl::give_up(const std::string& endpoint, const std::string& reason) {
    const bool was_up = is_up();
    state_ = State::waiting;
    discovery_.cancel();
    std::exchange(links_, {}).clear();
    if (was_up && steady_clock::now() - up_since_ >= steady_time) backoff_.reset();
    after(backoff_.next(), &Impl::find);
    if (was_up) {
        log_.warn("redis lost endpoint={} reason=\"{}\"", endpoint, reason);
        events_.on_down(reason);
    } else {
        warn_of_failure(endpoint, reason);
    }
}

void Client::Impl::warn_of_failure(const std::string& endpoint, const std::string& reason) {
    ++unreported_failures_;
    const TimePoint now = steady_clock::now();
    if (last_warning_ && now - *last_warning_ < warning_interval) return;
    last_warning_ = now;
    log_.warn(
        "redis unreachable endpoint={} reason=\"{}\" attempts={}",
        endpoint,
        reason,
        std::exchange(unreported_failures_, 0)
    );
}

void Client::Impl::on_link_subscribed(std::string_view topic) {
    if (is_up()) events_.on_subscribed(topic);
}

void Client::Impl::on_link_message(std::string_view topic, std::string_view payload) {
    if (is_up()) events_.on_message(topic, payload);
}

Link& Client::Impl::link_of(std::string_view key) {
    assert(is_up());
    return *links_[is_sharded() ? link_of_slot_[hash_slot(key)] : 0];
}

void Client::Impl::catch_up(std::function<void()> done) {
    const auto missing = std::make_shared<std::size_t>(links_.size());
    for (const auto& link : links_) {
        link->catch_up([missing, done] {
            if (--*missing == 0) done();
        });
    }
}

std::size_t Client::Impl::backlog() const {
    std::size_t bytes = 0;
    for (const auto& link : links_) bytes += link->backlog();
    return bytes;
}

bool Client::Impl::is_idle() const {
    return std::ranges::all_of(links_, [](const auto& link) { return link->is_idle(); });
}

}  // namespace fanfare::redis
