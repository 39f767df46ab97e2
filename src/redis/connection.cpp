// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include "encode.hpp"
#include "refusal.hpp"
#include "tls.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace fanfare::redis {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t max_kept_capacity = 1'048'576;
constexpr std::size_t max_quoted_error = 200;
constexpr std::array<std::string_view, 1> ping_command{"PING"};

/// An error as Redis worded it; a server that does not know a command repeats its arguments.
std::string quote(std::string_view command, const std::string& text, const std::string& password) {
    std::string reason = std::string(command) + ": ";
    if (!password.empty() && text.find(password) != std::string::npos) {
        return reason + "refused, in words that contain the password";
    }
    return reason + text.substr(0, max_quoted_error);
}

}  // namespace

Connection::Connection(asio::io_context& context, Login login, Kind kind, ConnectionEvents& events)
    : context_(context),
      login_(std::move(login)),
      kind_(kind),
      events_(&events),
      stream_(context),
      timer_(context) {}

void Connection::open() {
    last_input_ = steady_clock::now();
    wait();
    stream_.connect(login_.endpoint, [self = shared_from_this()](const std::string& failure) {
        self->on_connected(failure);
    });
}

void Connection::close() {
    if (events_ == nullptr) return;
    events_ = nullptr;
    stream_.close();
    timer_.cancel();
    // Not in place: what a callback owns may come back here when it is destroyed.
    const std::deque<Done> dropped = std::exchange(pending_, {});
}

void Connection::lose(const std::string& reason) {
    if (events_ == nullptr) return;
    ConnectionEvents& events = *events_;
    close();
    events.on_lost(*this, reason);
}

void Connection::on_connected(const std::string& failure) {
    if (events_ == nullptr) return;
    if (!failure.empty()) return lose(failure);
    if (login_.tls.enabled && login_.endpoint.unix_path.empty()) {
        secure();
    } else {
        log_in();
    }
}

void Connection::secure() {
    stage_ = Stage::securing;
    const TlsOptions& tls = login_.tls;
    try {
        // Read anew each time, so that renewed certificates are used.
        asio::ssl::context context = make_tls_context(tls);
        stream_.secure(
            context,
            tls.server_name.empty() ? login_.endpoint.host : tls.server_name,
            tls.verify,
            [self = shared_from_this()](const std::string& failure) {
                if (self->events_ == nullptr) return;
                if (!failure.empty()) return self->lose(failure);
                self->log_in();
            }
        );
    } catch (const std::exception& error) {
        lose(error.what());
    }
}

void Connection::log_in() {
    stage_ = Stage::logging_in;
    read();
    const auto& [username, password] = login_.credentials;
    if (!password.empty() && username.empty()) require({"AUTH", password}, nullptr);
    if (!password.empty() && !username.empty()) require({"AUTH", username, password}, nullptr);
    if (login_.database != 0) require({"SELECT", std::to_string(login_.database)}, nullptr);
    // For whoever reads CLIENT LIST; not worth a permission.
    command(std::array<std::string_view, 3>{"CLIENT", "SETNAME", "fanfare"}, nullptr);
    require({"PING"}, [this](const Reply&) {
        stage_ = Stage::open;
        last_ping_ = steady_clock::now();
        wait();
        events_->on_open(*this);
    });
}

void Connection::command(std::span<const std::string_view> arguments, Done done) {
    if (events_ == nullptr) return;
    pending_.push_back(std::move(done));
    send(arguments);
}

std::uint64_t Connection::ping() {
    send(ping_command);
    return ++pings_;
}

void Connection::require(std::initializer_list<std::string_view> arguments, Done done) {
    command(
        {arguments.begin(), arguments.size()},
        [this, name = std::string(*arguments.begin()), done = std::move(done)](Reply reply) {
            if (reply.is_error()) {
                lose(quote(name, reply.text, login_.credentials.password));
            } else if (done) {
                done(std::move(reply));
            }
        }
    );
}

void Connection::send(std::span<const std::string_view> arguments) {
    if (events_ == nullptr) return;
    append_command(queued_, arguments);
    want_write();
}

void Connection::want_write() {
    if (events_ == nullptr || stage_ < Stage::logging_in || is_writing_ || is_write_due_) return;
    is_write_due_ = true;
    asio::post(context_, [self = shared_from_this()] { self->write(); });
}

void Connection::write() {
    if (events_ == nullptr) return;
    is_write_due_ = true;  // also after the last write; what is added now goes out with it
    if (is_open()) events_->before_write(*this);
    is_write_due_ = false;
    if (queued_.empty()) return;
    is_writing_ = true;
    written_ = 0;
    writing_.clear();
    if (writing_.capacity() > max_kept_capacity) writing_.shrink_to_fit();
    writing_.swap(queued_);
    write_rest();
}

void Connection::write_rest() {
    stream_.write_some(
        std::string_view(writing_).substr(written_),
        [self = shared_from_this()](const error_code& error, std::size_t size) {
            if (self->events_ == nullptr) return;
            if (error) return self->lose("cannot write: " + error.message());
            self->written_ += size;
            if (self->written_ < self->writing_.size()) return self->write_rest();
            self->is_writing_ = false;
            self->write();
        }
    );
}

std::size_t Connection::backlog() const {
    return queued_.size() + (is_writing_ ? writing_.size() - written_ : 0);
}

void Connection::read() {
    stream_.read_some(
        input_,
        [self = shared_from_this()](const error_code& error, std::size_t size) {
            if (self->events_ == nullptr) return;
            if (error == asio::error::eof) return self->lose("closed by the server");
            if (error) return self->lose("cannot read: " + error.message());
            self->on_read(size);
        }
    );
}

void Connection::on_read(std::size_t size) {
    last_input_ = steady_clock::now();
    reader_.feed({input_.data(), size});
    while (events_ != nullptr) {
        std::optional<Reply> reply = reader_.next();
        if (!reply) break;
        on_reply(std::move(*reply));
    }
    if (events_ == nullptr) return;
    if (reader_.is_broken()) return lose("not Redis: " + std::string(reader_.error()));
    read();
}

void Connection::on_reply(Reply reply) {
    if (is_open() && kind_ == Kind::messages) return events_->on_push(*this, std::move(reply));
    if (pending_.empty()) return lose("an answer that nobody asked for: " + reply.text);
    const Done done = std::move(pending_.front());
    pending_.pop_front();
    if (reply.is_error() && is_refusal(reply.text)) {
        return lose(reply.text.substr(0, max_quoted_error));
    }
    if (done) done(std::move(reply));
}

void Connection::wait() {
    timer_.expires_at(due());
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && self->events_ != nullptr) self->on_timer();
    });
}

Connection::TimePoint Connection::due() const {
    const TimePoint silent_too_long = last_input_ + login_.timeout;
    return is_open() ? std::min(silent_too_long, last_ping_ + login_.timeout / 2) : silent_too_long;
}

std::string Connection::silence() const {
    const std::string limit = std::to_string(login_.timeout.count()) + " ms";
    switch (stage_) {
        case Stage::connecting:
            return "cannot connect within " + limit;
        case Stage::securing:  // so does a Redis without TLS: it waits for the end of a line
            return "TLS handshake unanswered for " + limit + "; is TLS enabled there?";
        case Stage::logging_in:
            return "login unanswered for " + limit;
        case Stage::open:
            break;
    }
    return "silent for " + limit;
}

void Connection::on_timer() {
    const TimePoint now = steady_clock::now();
    // A loop that itself stood still has not yet read what came meanwhile.
    if (now - due() > login_.timeout / 4) last_input_ = now - login_.timeout / 2;
    if (now >= last_input_ + login_.timeout) {
        return lose(silence());
    }
    if (is_open() && now >= last_ping_ + login_.timeout / 2) {
        last_ping_ = now;
        if (kind_ == Kind::commands) {
            command(ping_command, nullptr);
        } else {
            ping();
        }
    }
    wait();
}

}  // namespace fanfare::redis
