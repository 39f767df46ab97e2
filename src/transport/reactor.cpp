// SPDX-License-Identifier: MIT
#include "fanfare/transport/reactor.hpp"

#include "fanfare/transport/connection.hpp"

#include <boost/asio/post.hpp>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr std::size_t events_per_poll = 256;

int create_epoll() {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return fd;
}

epoll_event interest_of(Pollable& pollable) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &pollable;
    return event;
}

}  // namespace

Reactor::Reactor(
    boost::asio::io_context& context,
    const Clock& clock,
    Counters& counters,
    std::size_t max_backlog_bytes,
    std::function<void(std::string_view)> report
)
    : context_(context),
      clock_(clock),
      counters_(counters),
      max_backlog_bytes_(max_backlog_bytes),
      report_(std::move(report)),
      epoll_(context, create_epoll()),
      tick_(context),
      wheel_(clock.now()),
      now_(clock.now()),
      read_buffer_(std::make_unique<char[]>(read_buffer_bytes)) {}

Reactor::~Reactor() {
    stop();
}

void Reactor::start() {
    wait_for_sockets();
    wait_for_tick();
}

void Reactor::stop() {
    stopped_ = true;
    boost::system::error_code ignored;  // closing what is closed is no error here
    epoll_.close(ignored);
    tick_.cancel();
    for (Slot& slot : slots_) slot.connection.reset();
    again_.clear();
    dirty_.clear();
    buried_.clear();
    connections_ = 0;
    guests_ = 0;
}

void Reactor::watch(int fd, Pollable& pollable) {
    epoll_event event = interest_of(pollable);
    if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl add");
    }
}

void Reactor::rewatch(int fd, Pollable& pollable) {
    epoll_event event = interest_of(pollable);
    if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl mod");
    }
}

void Reactor::unwatch(int fd, Pollable& pollable) {
    std::erase(again_, &pollable);
    unwatch(fd);
}

void Reactor::unwatch(int fd) {
    if (!stopped_) ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void Reactor::again(Pollable& pollable) {
    again_.push_back(&pollable);
    schedule_end_of_turn();
}

Connection& Reactor::adopt(std::unique_ptr<Connection> connection) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t index = free_slots_.back();
    free_slots_.pop_back();
    Slot& slot = slots_[index];
    connection->slot_ = index;
    slot.connection = std::move(connection);
    ++connections_;
    ++guests_;
    return *slot.connection;
}

void Reactor::mark_dirty(Connection& connection) {
    dirty_.push_back(&connection);
    schedule_end_of_turn();
}

void Reactor::bury(Connection& connection) {
    ++slots_[connection.slot_].serial;  // handles end now, the object a little later
    admit(connection);                  // its descriptor is closed, or another's
    buried_.push_back(&connection);
    schedule_end_of_turn();
}

ConnectionHandle Reactor::handle_of(const Connection& connection) const {
    return {connection.slot_, slots_[connection.slot_].serial};
}

Connection* Reactor::find(ConnectionHandle handle) const {
    if (handle.slot >= slots_.size()) return nullptr;
    const Slot& slot = slots_[handle.slot];
    return slot.serial == handle.serial ? slot.connection.get() : nullptr;
}

bool Reactor::make_room() {
    if (has_room()) return true;
    if (line_.empty()) return false;
    auto& longest = static_cast<Connection&>(line_.front());
    leave_line(longest);
    guard(longest, [&] { longest.on_failure(); });
    return has_room();
}

void Reactor::line_up(Connection& guest) {
    leave_line(guest);
    if (guest.is_guest_) line_.push_back(guest);
}

void Reactor::leave_line(Connection& guest) {
    static_cast<Guest&>(guest).unlink();
}

void Reactor::admit(Connection& guest) {
    leave_line(guest);
    if (std::exchange(guest.is_guest_, false)) --guests_;
}

void Reactor::close_idle() {
    for (Slot& slot : slots_) {
        Connection* connection = slot.connection.get();
        if (connection != nullptr && connection->is_idle() && connection->queued_bytes() == 0) {
            connection->finish();
        }
    }
}

void Reactor::set_phase(Phase phase) {
    phase_ = phase;
    if (phase == Phase::paused) return;
    if (std::exchange(has_missed_sockets_, false)) wait_for_sockets();
    if (phase == Phase::settling) return;
    for_each([](Connection& connection) { connection.resume_input(); });
}

bool Reactor::is_settled() const {
    return std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
        return !slot.connection || slot.connection->is_over() || slot.connection->is_at_rest();
    });
}

/// What `work` and the end of the turn let through ends neither the shard's loop nor what is waited
/// for.
template <typename Work>
void Reactor::run_turn(Work work) {
    now_ = clock_.now();
    try {
        work();
        end_turn();
    } catch (const std::exception& error) {
        report_(error.what());
    }
}

void Reactor::fail(Pollable& pollable, const std::exception& error) {
    report_(error.what());
    try {
        pollable.on_failure();
    } catch (const std::exception& further) {
        report_(further.what());
    }
}

void Reactor::wait_for_sockets() {
    epoll_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this](const boost::system::error_code& error) {
            if (error || stopped_) return;
            if (phase_ == Phase::paused) {
                has_missed_sockets_ = true;
                return;
            }
            run_turn([this] { poll_sockets(); });
            // Not before: the wait would find what is just being polled.
            wait_for_sockets();
        }
    );
}

void Reactor::poll_sockets() {
    std::array<epoll_event, events_per_poll> events{};
    const int count =
        ::epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& pollable = *static_cast<Pollable*>(event.data.ptr);
        guard(pollable, [&] { pollable.on_ready(event.events); });
    }
}

void Reactor::wait_for_tick() {
    tick_.expires_after(TimerWheel::tick);
    tick_.async_wait([this](const boost::system::error_code& error) {
        if (error || stopped_) return;
        wait_for_tick();
        if (phase_ == Phase::paused) return;
        run_turn([this] { wheel_.advance(now_); });
        chunks_.trim();
    });
}

void Reactor::schedule_end_of_turn() {
    if (end_of_turn_scheduled_) return;
    boost::asio::post(context_, [this] {
        end_of_turn_scheduled_ = false;
        if (!stopped_) run_turn([] {});
    });
    end_of_turn_scheduled_ = true;
}

void Reactor::end_turn() {
    for (Pollable* pollable : std::exchange(again_, {})) {
        guard(*pollable, [&] { pollable->on_again(); });
    }
    flush_dirty();
    destroy_buried();
}

void Reactor::flush_dirty() {
    flushing_.swap(dirty_);
    for (Connection* connection : flushing_) {
        guard(*connection, [&] { connection->flush(); });
    }
    flushing_.clear();
    joiner_.forget();
}

void Reactor::destroy_buried() {
    if (buried_.empty()) return;
    // Whatever asked for a turn or a flush and has ended since must not be remembered.
    std::erase_if(again_, [](const Pollable* pollable) { return pollable->is_over(); });
    std::erase_if(dirty_, [](const Connection* connection) { return connection->is_over(); });
    for (Connection* connection : std::exchange(buried_, {})) {
        --connections_;
        free_slots_.push_back(connection->slot_);
        slots_[connection->slot_].connection.reset();
    }
}

}  // namespace fanfare::transport
