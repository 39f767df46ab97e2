// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/base/timer_wheel.hpp"
#include "fanfare/transport/outbound_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace fanfare::transport {

class Connection;

/// A file descriptor of a shard that waits for readiness.
class Pollable {
public:
    Pollable() = default;
    Pollable(const Pollable&) = delete;
    Pollable& operator=(const Pollable&) = delete;

    /// `events` are epoll's. Edge-triggered: what is left unread is not reported again.
    virtual void on_ready(std::uint32_t events) = 0;

    /// A turn that was asked for with Reactor::again.
    virtual void on_again() = 0;

    /// One of the above threw; whatever it was about has to end without disturbing anything else.
    virtual void on_failure() = 0;

    /// True if it is about to be destroyed: it gets no more turns.
    [[nodiscard]] virtual bool is_over() const { return false; }

protected:
    virtual ~Pollable() = default;
};

/// A place in the line of the guests that can be sent away; see Reactor::limit_guests.
class Guest : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {};

/// Names a connection of this shard across turns.
struct ConnectionHandle {
    std::uint32_t slot = 0;
    std::uint32_t serial = 0;
};

/// The client sockets of one shard, on the shard's thread: readiness, timers, the end of a turn,
/// and the connections' lifetime.
///
/// The sockets wait in an epoll set of their own, and Asio's loop waits for that set as for one
/// descriptor. A connection in Asio costs a descriptor state and a pending operation each (some 300
/// bytes) and an epoll_ctl per wait; here it costs its own object and nothing per wait.
///
/// Work happens in turns. Whatever a turn does to connections (input of many sockets, a mailbox,
/// timers) only queues bytes; at its end each connection with something to send is flushed once,
/// and those that ended are destroyed. So no connection dies under anybody's feet, and frames of
/// one turn share one system call.
class Reactor {
public:
    /// `report` gets the text of an exception that ended a connection.
    Reactor(
        boost::asio::io_context& context,
        const Clock& clock,
        Counters& counters,
        std::size_t max_backlog_bytes,
        std::function<void(std::string_view)> report
    );
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    /// Begins to wait for sockets and timers.
    void start();

    /// Destroys every connection and stops waiting.
    void stop();

    void watch(int fd, Pollable& pollable);

    /// Moves a watched descriptor to another owner; readiness so far is reported to it again.
    void rewatch(int fd, Pollable& pollable);

    /// Forgets a descriptor and its owner.
    void unwatch(int fd, Pollable& pollable);

    /// The same where the owner is a Connection, which the end of the turn forgets.
    void unwatch(int fd);

    /// Calls on_again at the end of this turn.
    void again(Pollable& pollable);

    /// Takes ownership until the connection says that it is finished.
    Connection& adopt(std::unique_ptr<Connection> connection);

    /// The connection has something to send: it is flushed at the end of the turn.
    void mark_dirty(Connection& connection);

    /// The connection is over: it is destroyed at the end of the turn.
    void bury(Connection& connection);

    [[nodiscard]] ConnectionHandle handle_of(const Connection& connection) const;

    /// Null if that connection has ended.
    [[nodiscard]] Connection* find(ConnectionHandle handle) const;

    /// Ends the connections that wait for nothing and have nothing left to send.
    void close_idle();

    /// Before the connections pass to another process: `settling` begins nothing new (no connection
    /// is accepted, no further request is read), and what has begun comes to its end; `paused`
    /// reads nothing at all and lets no timer expire. Back to `running`, nothing was lost.
    enum class Phase : std::uint8_t { running, settling, paused };

    void set_phase(Phase phase);

    [[nodiscard]] Phase phase() const { return phase_; }

    /// Whether nothing is under way that could not pass.
    [[nodiscard]] bool is_settled() const;

    template <typename Call>
    void for_each(Call call) {
        for (Slot& slot : slots_) {
            if (slot.connection) call(*slot.connection);
        }
    }

    [[nodiscard]] std::size_t connection_count() const { return connections_ - buried_.size(); }

    /// Every connection begins as a guest, and remains one unless it is admitted: an HTTP client, a
    /// WebSocket that is turned away. Nothing else counts those, so here they are bounded, lest
    /// they use up the process's descriptors. Unbounded to begin with.
    void limit_guests(std::size_t max_guests) { max_guests_ = max_guests; }

    [[nodiscard]] bool has_room() const { return guests_ < max_guests_; }

    /// True if another guest may come. At the bound, the one that has been waiting in line for the
    /// longest is cut off for it.
    [[nodiscard]] bool make_room();

    /// This guest waits for its client and could be cut off, from now on as the last in line.
    void line_up(Connection& guest);

    [[nodiscard]] std::size_t line_length() const { return line_.size(); }

    /// It is waited for, so it must not be cut off.
    void leave_line(Connection& guest);

    /// The connection holds a place in a count of somebody else's, until its descriptor is closed.
    void admit(Connection& guest);

    /// Space for one read, used by one connection at a time.
    [[nodiscard]] std::span<char> read_buffer() { return {read_buffer_.get(), read_buffer_bytes}; }

    /// The shard's.
    [[nodiscard]] Counters& counters() { return counters_; }

    [[nodiscard]] QueueChunks& chunks() { return chunks_; }

    [[nodiscard]] Joiner& joiner() { return joiner_; }

    [[nodiscard]] std::size_t max_backlog_bytes() const { return max_backlog_bytes_; }

    /// The time at which the current turn began; cheap.
    [[nodiscard]] Clock::TimePoint now() const { return now_; }

    void arm(Timer& timer, std::chrono::milliseconds delay) {
        wheel_.arm(timer, clock_.now(), delay);
    }

    /// Runs `call`. An exception is reported and is the end of `pollable` only.
    template <typename Call>
    void guard(Pollable& pollable, Call call) {
        try {
            call();
        } catch (const std::exception& error) {
            fail(pollable, error);
        }
    }

private:
    static constexpr std::size_t read_buffer_bytes = 65'536;

    struct Slot {
        std::unique_ptr<Connection> connection;
        std::uint32_t serial = 0;
    };

    template <typename Work>
    void run_turn(Work work);
    void fail(Pollable& pollable, const std::exception& error);
    void wait_for_sockets();
    void poll_sockets();
    void wait_for_tick();
    void schedule_end_of_turn();
    void end_turn();
    void flush_dirty();
    void destroy_buried();

    boost::asio::io_context& context_;
    const Clock& clock_;
    Counters& counters_;
    std::size_t max_backlog_bytes_;
    std::function<void(std::string_view)> report_;
    boost::asio::posix::stream_descriptor epoll_;
    boost::asio::steady_timer tick_;
    TimerWheel wheel_;
    Clock::TimePoint now_;
    QueueChunks chunks_;
    Joiner joiner_;
    std::unique_ptr<char[]> read_buffer_;
    boost::intrusive::list<Guest, boost::intrusive::constant_time_size<false>> line_;
    std::vector<Slot> slots_;  // destroyed before line_
    std::vector<std::uint32_t> free_slots_;
    std::size_t connections_ = 0;
    std::size_t guests_ = 0;
    std::size_t max_guests_ = SIZE_MAX;
    std::vector<Pollable*> again_;
    std::vector<Connection*> dirty_;
    std::vector<Connection*> flushing_;  // empty but in flush_dirty(); kept for its capacity
    std::vector<Connection*> buried_;
    Phase phase_ = Phase::running;
    bool has_missed_sockets_ = false;  // while paused
    bool end_of_turn_scheduled_ = false;
    bool stopped_ = false;
};

}  // namespace fanfare::transport
