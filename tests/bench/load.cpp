// SPDX-License-Identifier: MIT
#include "load.hpp"

#include "fanfare/base/crypto.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fanfare::bench {

namespace {

constexpr std::string_view app_secret = "bench-secret";
constexpr int server_core = 0;
constexpr int load_core = 1;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

void pin(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    ::sched_setaffinity(
        0, sizeof(cores), &cores
    );  // best effort: on one core the figures are noisier
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::string to_string(const auto& hex) {
    return {hex.data(), hex.size()};
}

/// A masked text frame of up to 65,535 bytes; a mask of zero leaves the text as it is.
std::string client_frame(std::string_view text) {
    std::string frame{'\x81'};
    if (text.size() < 126) {
        frame.push_back(static_cast<char>(0x80 | text.size()));
    } else {
        frame.push_back(static_cast<char>(0xfe));
        frame.push_back(static_cast<char>(text.size() >> 8));
        frame.push_back(static_cast<char>(text.size() & 0xff));
    }
    frame.append(4, '\0');
    return frame.append(text);
}

}  // namespace

Process Process::fork(const std::function<void()>& body) {
    const pid_t pid = ::fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        pin(server_core);
        body();
        ::_exit(1);
    }
    return Process(pid);
}

Process Process::spawn(std::vector<std::string> arguments) {
    return fork([&] {
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        ::execv(argv.front(), argv.data());
    });
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Process::~Process() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::uint64_t Process::cpu_ns() const {
    std::uint64_t total = 0;
    const std::string tasks = "/proc/" + std::to_string(pid_) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        std::uint64_t on_cpu = 0;
        std::ifstream(task.path() / "schedstat") >> on_cpu;
        total += on_cpu;
    }
    return total;
}

std::uint64_t Process::anonymous_bytes() const {
    std::ifstream rollup("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    std::string word;
    while (rollup >> word) {
        if (word != "Anonymous:") continue;
        std::uint64_t kilobytes = 0;
        rollup >> kilobytes;
        return kilobytes * 1'024;
    }
    throw std::runtime_error("no Anonymous line in smaps_rollup");
}

int connect_to(std::uint16_t port) {
    const sockaddr_in address = loopback(port);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (true) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) fail("socket");
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            return fd;
        }
        ::close(fd);
        if (errno != ECONNREFUSED || std::chrono::steady_clock::now() > deadline) fail("connect");
        std::this_thread::yield();
    }
}

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written <= 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_until(int fd, std::string_view end) {
    std::string text;
    std::array<char, 4'096> buffer{};
    while (text.find(end) == std::string::npos) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) fail("recv");
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
}

std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        fail("bind");
    }
    ::close(fd);
    return ntohs(address.sin_port);
}

Audience::Audience() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Audience::~Audience() {
    for (const int fd : fds_) ::close(fd);
    ::close(epoll_);
}

void Audience::add(int fd, bool counts) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(fd) << 1 | (counts ? 1 : 0);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    fds_.push_back(fd);
}

void Audience::wait_for(std::uint64_t total) {
    static std::array<char, 262'144> buffer;
    std::array<epoll_event, 512> events{};
    while (counted_ < total) {
        const int count =
            ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
        if (count <= 0) throw std::runtime_error("the server has stopped sending");
        for (int i = 0; i < count; ++i) {
            const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
            const ssize_t size =
                ::recv(static_cast<int>(tag >> 1), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size == 0) throw std::runtime_error("the server has closed a connection");
            if (size > 0 && (tag & 1) != 0) counted_ += static_cast<std::uint64_t>(size);
        }
    }
}

void pin_load() {
    pin(load_core);
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Process start_fanfare(const std::string& binary, std::uint16_t port) {
    const std::filesystem::path config = std::filesystem::temp_directory_path() /
                                         ("fanfare-bench-" + std::to_string(port) + ".json");
    std::ofstream(config) << R"({"server":{"host":"127.0.0.1","port":)" << port
                          << R"(},"apps":[{"app_id":"bench","key":")" << app_key
                          << R"(","secret":")"
                          << app_secret
                          // The audience never answers a ping.
                          << R"(","accept_client_events_from":"members","ping_interval":86400}]})";
    Process process =
        Process::spawn({binary, "start", "--shards", "1", "--config", config.string()});
    ::close(connect_to(port));  // it is up, and has read its configuration
    std::filesystem::remove(config);
    return process;
}

int subscribe(std::uint16_t port, std::string_view channel) {
    const int fd = connect_to(port);
    std::string handshake = "GET /app/";
    handshake.append(app_key).append(
        "?protocol=7 HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    std::string text = R"({"event":"pusher:subscribe","data":{"channel":")";
    text.append(channel).append("\"}}");
    write_all(fd, handshake + client_frame(text));
    read_until(fd, std::string(R"("channel":")").append(channel).append("\"}"));
    return fd;
}

std::string publish_request(std::string_view channel, std::string_view data) {
    std::string body = R"({"name":"bench","channels":[")";
    body.append(channel).append(R"("],"data":")").append(data).append("\"}");
    std::string query = "auth_key=";
    query.append(app_key)
        .append("&auth_timestamp=")
        .append(std::to_string(std::time(nullptr)))
        .append("&auth_version=1.0&body_md5=")
        .append(to_string(Md5().hex(body)));
    const std::string signature =
        to_string(HmacSha256(app_secret).hex("POST\n/apps/bench/events\n" + query));
    return "POST /apps/bench/events?" + query + "&auth_signature=" + signature +
           " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace fanfare::bench
