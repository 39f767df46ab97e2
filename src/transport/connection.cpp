// SPDX-License-Identifier: MIT
#include "fanfare/transport/connection.hpp"

#include "peer_address.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr int reads_per_turn = 4;  // a flooding client has to share the shard
constexpr std::chrono::seconds linger_time{5};

}  // namespace

ssize_t Socket::read(std::span<char> buffer) {
    if (tls) return tls->read(buffer);
    return ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
}

ssize_t Socket::write(std::string_view bytes) {
    if (tls) return tls->write(bytes);
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Socket::end() {
    if (tls) tls->close();
    ::shutdown(fd, SHUT_WR);
}

Connection::Connection(Reactor& reactor, Socket socket)
    : reactor_(reactor), socket_(std::move(socket)) {}

Connection::~Connection() {
    socket_.queue.clear(reactor_.chunks());
    if (socket_.fd >= 0) close();
}

IpAddress Connection::peer() const {
    return peer_address(socket_.fd);
}

void Connection::send(BufferPtr buffer) {
    if (is_over_ || is_backlog_full_ || is_broken_) return;
    push(std::move(buffer));
    if (!is_over_bound()) return;
    // Many events of one turn may fill the queue of a peer that reads well: try the socket first.
    if (!is_blocked_) flush();
    if (is_over_bound()) {
        is_backlog_full_ = true;
        ask_for_turn();
    }
}

void Connection::send_unbounded(BufferPtr buffer) {
    if (!is_over_ && !is_broken_) push(std::move(buffer));
}

void Connection::push(BufferPtr buffer) {
    socket_.queue.push(std::move(buffer), reactor_.chunks());
    if (!std::exchange(is_dirty_, true)) reactor_.mark_dirty(*this);
}

bool Connection::is_over_bound() const {
    return socket_.queue.bytes() > reactor_.max_backlog_bytes() &&
           socket_.queue.bytes_behind_first() > reactor_.max_backlog_bytes();
}

void Connection::flush() {
    is_dirty_ = false;
    if (is_over_ || is_broken_ || is_blocked_) return;
    const bool is_sent = send_queue();
    if (is_lingering_) {
        if (is_sent) end_sending();
    } else if ((has_unread_ || rest_) && wants_input()) {
        ask_for_turn();  // the queue may have been what held the input back
    }
}

/// True if the socket took everything.
bool Connection::send_queue() {
    if (!socket_.flush()) return on_unsent();
    while (!socket_.queue.is_empty()) {
        const std::string_view bytes = reactor_.joiner().next_bytes(socket_.queue);
        const ssize_t sent = socket_.write(bytes);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return on_unsent();
        }
        socket_.queue.consume(static_cast<std::size_t>(sent), reactor_.chunks());
        traffic().sent_bytes.add(static_cast<std::size_t>(sent));
        // TLS takes what it can keep, and says by that what the socket did not take.
        const bool is_full =
            socket_.tls ? socket_.tls->has_output() : static_cast<std::size_t>(sent) < bytes.size();
        if (is_full) {
            is_blocked_ = true;
            return false;
        }
    }
    return true;
}

/// False, for the sake of send_queue.
bool Connection::on_unsent() {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        is_blocked_ = true;
    } else {
        is_broken_ = true;  // told at the end of the turn: a fan-out may be calling
        ask_for_turn();
    }
    return false;
}

void Connection::start_tls(std::shared_ptr<const TlsContext> context, std::string_view early) {
    socket_.tls = std::make_unique<TlsStream>(std::move(context), socket_.fd, early);
    has_unread_ = true;
    resume_input();
}

bool Connection::has_taken_something() {
    const std::size_t before = queued_bytes();
    if (before == 0) return false;
    // The kernel announces room only when there is much of it.
    is_blocked_ = false;
    flush();
    return std::exchange(has_progressed_, false) || queued_bytes() < before;
}

void Connection::on_ready(std::uint32_t events) {
    if (is_over_) return;
    if ((events & EPOLLOUT) != 0 && is_blocked_) {
        is_blocked_ = false;
        has_progressed_ = true;
        if (queued_bytes() != 0 && !std::exchange(is_dirty_, true)) reactor_.mark_dirty(*this);
    }
    if (has_read_fin_ && (events & (EPOLLHUP | EPOLLERR)) != 0) return finish();
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        read((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
}

void Connection::read(bool until_end) {
    for (int i = 0; i < reads_per_turn; ++i) {
        if (is_over_ || has_read_fin_) return;
        const bool has_enough = is_again_ && rest_;  // which is to be used up first
        if (has_enough || (!is_lingering_ && !wants_input())) {
            has_unread_ = true;
            return;
        }
        const std::span<char> buffer = reactor_.read_buffer();
        const ssize_t count = socket_.read(buffer);
        if (socket_.tls) note_tls_output();
        if (count < 0) {
            if (errno == EINTR) continue;
            has_unread_ = false;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            if (errno == EPROTO) reactor_.counters().add(Counter::connection_tls);
        }
        if (count <= 0) return on_end_of_stream(count == 0);
        const auto size = static_cast<std::size_t>(count);
        traffic().received_bytes.add(size);
        if (!is_lingering_) feed(buffer.first(size));
        // TLS gives a record at a time.
        if (size < buffer.size() && !until_end && !socket_.tls) {
            has_unread_ = false;
            return;
        }
        if (is_again_) break;
    }
    has_unread_ = true;
    resume_input();
}

/// Reading is also how TLS gets the handshake's next step out, and becomes able to send.
void Connection::note_tls_output() {
    const bool was_blocked = std::exchange(is_blocked_, socket_.tls->has_output());
    if (was_blocked && !is_blocked_ && queued_bytes() != 0 && !std::exchange(is_dirty_, true)) {
        reactor_.mark_dirty(*this);
    }
}

void Connection::on_end_of_stream(bool is_orderly) {
    if (!is_lingering_) on_disconnect();
    if (!is_orderly || queued_bytes() == 0) return finish();
    // The peer may have closed its half only, and wait for what is queued.
    has_read_fin_ = true;
    linger();
}

void Connection::feed(std::span<char> input) {
    // A local owner, since on_input may hand the connection's socket to a successor.
    std::string joined;
    if (rest_) {
        joined = std::move(*rest_);
        rest_.reset();
        joined.append(input.data(), input.size());
        input = joined;
    }
    on_input(input);
    if (is_over_ || is_lingering_ || input.empty()) return;
    if (input.size() == joined.size()) {
        rest_ = std::make_unique<std::string>(std::move(joined));  // a part that drips in
    } else {
        rest_ = std::make_unique<std::string>(input.data(), input.size());
    }
}

void Connection::resume_input() {
    if (!is_over_) ask_for_turn();
}

void Connection::ask_for_turn() {
    if (!std::exchange(is_again_, true)) reactor_.again(*this);
}

void Connection::on_again() {
    is_again_ = false;
    if (is_over_) return;
    if (is_broken_) {
        on_failure();
        return;
    }
    if (is_backlog_full_) {
        is_backlog_full_ = false;
        if (!is_lingering_) on_backlog_full();
        if (is_over_) return;
    }
    if (rest_ && wants_input() && !is_lingering_) feed({});
    if (has_unread_) read(true);
}

void Connection::on_failure() {
    if (is_over_) return;
    try {
        if (!is_lingering_) on_disconnect();
    } catch (...) {
        finish();
        throw;
    }
    finish();
}

void Connection::finish() {
    if (std::exchange(is_over_, true)) return;
    cancel_timer();
    close();
    reactor_.bury(*this);
}

void Connection::linger() {
    if (is_over_ || std::exchange(is_lingering_, true)) return;
    rest_.reset();
    arm_timer(linger_time);
    reactor_.line_up(*this);
    if (queued_bytes() == 0) end_sending();
    has_unread_ = true;
    resume_input();
}

void Connection::end_sending() {
    if (has_read_fin_) return finish();
    if (!std::exchange(has_sent_fin_, true)) socket_.end();
}

std::optional<PassedConnection> Connection::pass() const {
    if (has_ended() || is_broken_ || is_backlog_full_ || has_read_fin_ || socket_.tls) {
        return std::nullopt;
    }
    return PassedConnection{socket_.fd, rest_ ? *rest_ : "", socket_.queue.unsent()};
}

/// By itself the kernel would go on reporting a socket that another process has not closed yet.
void Connection::close() {
    const int fd = std::exchange(socket_.fd, -1);
    reactor_.unwatch(fd);
    ::close(fd);
}

void Connection::take_over(PassedConnection passed) {
    if (!passed.output.empty()) send_unbounded(make_buffer(std::move(passed.output)));
    if (!passed.input.empty()) rest_ = std::make_unique<std::string>(std::move(passed.input));
    has_unread_ = true;
    resume_input();
}

Socket Connection::release() {
    is_over_ = true;
    cancel_timer();
    Socket socket{std::exchange(socket_.fd, -1), std::move(socket_.queue), std::move(socket_.tls)};
    reactor_.bury(*this);
    return socket;
}

void Connection::on_timer() {
    reactor_.guard(*this, [this] {
        if (!is_lingering_) return on_deadline();
        if (!has_taken_something()) return finish();
        if (!is_over_) arm_timer(linger_time);
    });
}

}  // namespace fanfare::transport
