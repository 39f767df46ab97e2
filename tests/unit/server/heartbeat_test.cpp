// SPDX-License-Identifier: MIT
#include "heartbeat.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace fanfare::server {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

/// The socket that a service manager listens to, in the abstract namespace.
class NotifySocket {
public:
    NotifySocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name_.data(), name_.size());
        const auto size =
            static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    }

    ~NotifySocket() { ::close(fd_); }

    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    [[nodiscard]] config::Environment environment() const {
        return {{"NOTIFY_SOCKET", "@" + name_}, {"WATCHDOG_USEC", "20000"}};
    }

    /// What has been said since the last time.
    [[nodiscard]] std::vector<std::string> take() const {
        std::vector<std::string> said;
        std::array<char, 512> text{};
        for (;;) {
            const ssize_t size = ::recv(fd_, text.data(), text.size(), 0);
            if (size < 0) return said;
            said.emplace_back(text.data(), static_cast<std::size_t>(size));
        }
    }

private:
    std::string name_ = "fanfare-heartbeat-test-" + std::to_string(::getpid());
    int fd_;
};

/// Shards that do nothing until they are told to.
class SleepingShards final : public channels::ShardLinks {
public:
    void post(unsigned shard, HubTask task) override {
        tasks_.at(shard).push_back(std::move(task));
    }

    void wake(unsigned shard, channels::Hub& hub) {
        for (const HubTask& task : std::exchange(tasks_.at(shard), {})) task(hub);
    }

    [[nodiscard]] std::size_t asked(unsigned shard) const { return tasks_.at(shard).size(); }

private:
    std::array<std::vector<HubTask>, 2> tasks_;
};

class HeartbeatTest : public ::testing::Test {
protected:
    /// The answers of two shards, if they have any, and at least six beats of the timer.
    void pass_some_beats() {
        for (int i = 0; i < 8; ++i) context_.run_one();
    }

    SystemClock clock_;
    SleepingShards shards_;
    channels::Hub hub_{{0, 1, shards_, clock_, nullptr, 0, nullptr, nullptr}};
    NotifySocket socket_;
    ServiceManager manager_{socket_.environment()};
    std::string status_ = "serving";
    boost::asio::io_context context_{1};
    Heartbeat heartbeat_{context_, manager_, shards_, 2, [this] { return status_; }};
};

TEST_F(HeartbeatTest, beats_when_every_shard_has_answered) {
    heartbeat_.start();
    shards_.wake(0, hub_);
    shards_.wake(1, hub_);
    pass_some_beats();
    EXPECT_THAT(socket_.take(), ElementsAre("STATUS=serving", "WATCHDOG=1"));
    shards_.wake(0, hub_);
    shards_.wake(1, hub_);
    pass_some_beats();
    EXPECT_THAT(socket_.take(), ElementsAre("WATCHDOG=1"));
}

TEST_F(HeartbeatTest, does_not_beat_while_one_shard_hangs_and_asks_nobody_twice) {
    heartbeat_.start();
    shards_.wake(0, hub_);
    pass_some_beats();
    EXPECT_THAT(socket_.take(), Not(Contains("WATCHDOG=1")));
    EXPECT_EQ(shards_.asked(0), 0U);
    EXPECT_EQ(shards_.asked(1), 1U);
    shards_.wake(1, hub_);
    pass_some_beats();
    EXPECT_THAT(socket_.take(), Contains("WATCHDOG=1"));
}

TEST_F(HeartbeatTest, tells_the_status_when_it_changes) {
    heartbeat_.start();
    pass_some_beats();
    status_ = "draining";
    pass_some_beats();
    EXPECT_THAT(socket_.take(), ElementsAre("STATUS=serving", "STATUS=draining"));
}

TEST(ServiceManager, says_nothing_to_nobody) {
    const ServiceManager manager{{{"WATCHDOG_USEC", "20000"}}};
    EXPECT_FALSE(manager.is_there());
    EXPECT_EQ(manager.watchdog_time(), std::nullopt);
}

TEST(ServiceManager, a_reload_before_it_is_ready_or_after_the_end_is_not_told) {
    const NotifySocket socket;
    ServiceManager manager(socket.environment());
    manager.reloading();
    manager.reloaded();
    EXPECT_THAT(socket.take(), ElementsAre());
    manager.ready();
    manager.stopping(3s);
    manager.reloading();
    manager.reloaded();
    EXPECT_THAT(socket.take(), ElementsAre("READY=1", "STOPPING=1\nEXTEND_TIMEOUT_USEC=3000000"));
}

TEST(PassedSockets, are_those_for_this_process) {
    const std::string pid = std::to_string(::getpid());
    EXPECT_THAT(passed_sockets({{"LISTEN_PID", pid}, {"LISTEN_FDS", "2"}}), ElementsAre(3, 4));
    EXPECT_THAT(passed_sockets({{"LISTEN_PID", "1"}, {"LISTEN_FDS", "2"}}), ElementsAre());
    EXPECT_THAT(passed_sockets({{"LISTEN_PID", pid}, {"LISTEN_FDS", "two"}}), ElementsAre());
    EXPECT_THAT(passed_sockets({{"LISTEN_FDS", "2"}}), ElementsAre());
}

}  // namespace
}  // namespace fanfare::server
