// SPDX-License-Identifier: MIT
#include "visit.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include <exception>
#include <istream>
#include <stdexcept>
#include <string>
#include <utility>

namespace fanfare::control {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int max_depth = 64;                        // of a request
constexpr std::size_t max_queued_bytes = 4'194'304;  // of a trace that is not read

std::string name_of(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return "uid=" + std::to_string(peer.uid) + " pid=" + std::to_string(peer.pid);
}

Request parse(const std::string& line) {
    // The value is copied by recursion.
    const auto is_flat = [](int depth, Json::parse_event_t /*event*/, Json& /*value*/) {
        if (depth > max_depth) throw std::runtime_error("the request is nested too deeply");
        return true;
    };
    const Json json = Json::parse(line, is_flat);
    return {json.at("command").get<std::string>(), json.value("arguments", Json::object())};
}

}  // namespace

Visit::Visit(Socket socket, const Handler& handler)
    : socket_(std::move(socket)),
      handler_(handler),
      name_(name_of(socket_.native_handle())),
      input_(max_request_bytes) {}

void Visit::start() {
    const auto on_line = [self = shared_from_this()](const error_code& error, std::size_t) {
        if (error) return;
        std::istream in(&self->input_);
        std::string line;
        std::getline(in, line);
        self->on_request(std::move(line));
    };
    asio::async_read_until(socket_, input_, '\n', on_line);
}

void Visit::on_request(std::string line) {
    try {
        handler_(parse(line), shared_from_this());
    } catch (const std::exception& error) {
        refuse(error.what());
    }
}

void Visit::answer(Json result) {
    send({{"result", std::move(result)}});
}

void Visit::refuse(const std::string& error) {
    send({{"error", error}});
}

void Visit::answer_and_follow(Json result, std::function<void()> on_gone) {
    on_gone_ = std::move(on_gone);
    is_following_ = true;
    answer(std::move(result));
    watch_for_end();
}

void Visit::tell(Json event) {
    if (!is_following_) return;
    if (queued_bytes_ > max_queued_bytes) {
        ++missed_;
        return;
    }
    tell_missed();
    send(event);
}

void Visit::tell_missed() {
    if (missed_ != 0) send({{"missed", std::exchange(missed_, 0)}});
}

/// Who follows says nothing more; what can be read is its end.
void Visit::watch_for_end() {
    socket_.async_read_some(
        asio::buffer(ignored_),
        [self = shared_from_this()](const error_code& error, std::size_t) {
            if (error) return self->end();
            self->watch_for_end();
        }
    );
}

void Visit::send(const Json& line) {
    lines_.push_back(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    queued_bytes_ += lines_.back().size();
    if (lines_.size() == 1) write();
}

void Visit::write() {
    asio::async_write(
        socket_,
        asio::buffer(lines_.front()),
        [self = shared_from_this()](const error_code& error, std::size_t) {
            self->queued_bytes_ -= self->lines_.front().size();
            self->lines_.pop_front();
            if (error || (self->lines_.empty() && !self->is_following_)) return self->end();
            if (!self->lines_.empty()) return self->write();
            self->tell_missed();
        }
    );
}

void Visit::end() {
    is_following_ = false;
    error_code ignored;
    socket_.close(ignored);
    if (const auto on_gone = std::exchange(on_gone_, nullptr)) on_gone();
}

}  // namespace fanfare::control
