// SPDX-License-Identifier: MIT
#pragma once

#include "support/manual_clock.hpp"

#include "fanfare/transport/connection.hpp"
#include "fanfare/transport/reactor.hpp"

#include <boost/asio/io_context.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// Connections over socket pairs, on one real Reactor whose loop the test turns by hand. No test
/// framework in here, since the fuzzers use it too.
namespace fanfare::transport::testing {

using fanfare::testing::ManualClock;

/// The client's end of a socket pair.
class FarEnd {
public:
    explicit FarEnd(int fd) : fd_(fd) {}

    ~FarEnd() { close(); }

    FarEnd(FarEnd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    FarEnd& operator=(FarEnd&&) = delete;

    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

    void shut_down_sending() { ::shutdown(fd_, SHUT_WR); }

    /// How many bytes the socket took.
    std::size_t write(std::string_view bytes) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }

    /// What one recv gives: with datagrams, what one send of the server was.
    std::string read_once(std::size_t limit = 65'536) {
        std::string bytes(limit, '\0');
        const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
        is_at_end_ = count == 0 || (count < 0 && errno == ECONNRESET);
        bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return bytes;
    }

    /// All that is there.
    std::string read() {
        std::string all;
        while (true) {
            const std::string bytes = read_once();
            if (bytes.empty()) return all;
            all += bytes;
        }
    }

    /// True after a read that found the end of the stream.
    [[nodiscard]] bool is_at_end() const { return is_at_end_; }

private:
    int fd_;
    bool is_at_end_ = false;
};

class SocketWorld {
public:
    explicit SocketWorld(std::size_t max_backlog_bytes = 1 << 20)
        : reactor_(context_, clock_, counters_, max_backlog_bytes, [this](std::string_view text) {
              reports_.emplace_back(text);
          }) {
        reactor_.start();
    }

    [[nodiscard]] Reactor& reactor() { return reactor_; }

    [[nodiscard]] ManualClock& clock() { return clock_; }

    [[nodiscard]] const Counters& counters() const { return counters_; }

    /// The texts of exceptions that ended a connection.
    [[nodiscard]] const std::vector<std::string>& reports() const { return reports_; }

    struct Pair {
        FarEnd far_end;
        int fd;
    };

    /// `type` may be SOCK_SEQPACKET, with which one send of the server is one read of the client.
    static Pair make_pair(int type = SOCK_STREAM) {
        std::array<int, 2> fds{};
        if (::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) {
            throw std::system_error(errno, std::generic_category(), "socketpair");
        }
        return {FarEnd(fds[0]), fds[1]};
    }

    /// Puts a connection on the Reactor as a shard does.
    template <typename Derived>
    Derived& adopt(int fd, std::unique_ptr<Derived> connection) {
        auto& adopted = static_cast<Derived&>(reactor_.adopt(std::move(connection)));
        reactor_.watch(fd, adopted);
        return adopted;
    }

    /// Turns the loop until nothing is left to do.
    void poll() {
        while (context_.poll() != 0) {
        }
    }

    /// Turns the clock and waits for the tick that sees it: a tenth of a second at most.
    void pass(std::chrono::milliseconds time) {
        struct Alarm final : Timer {
            bool has_rung = false;

            void on_timer() override { has_rung = true; }
        };

        Alarm alarm;
        reactor_.arm(alarm, std::chrono::milliseconds{0});
        clock_.advance(std::max(time, 2 * TimerWheel::tick));
        while (!alarm.has_rung) context_.run_one();
        poll();
    }

private:
    ManualClock clock_;
    Counters counters_;
    boost::asio::io_context context_{1};
    std::vector<std::string> reports_;
    Reactor reactor_;
};

/// Longer than any deadline by what a coarse timer may be late.
inline constexpr std::chrono::milliseconds lateness = 2 * TimerWheel::tick;

}  // namespace fanfare::transport::testing
