// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What the whole-server benchmarks are made of: a process under test, its CPU time and memory, and
// an audience of raw clients. They run pinned to different cores, so that only the server's work is
// counted.
namespace fanfare::bench {

/// A child process pinned to the first core, killed at the end.
class Process {
public:
    /// Runs a program.
    static Process spawn(std::vector<std::string> arguments);

    /// Runs a function, which must not return.
    static Process fork(const std::function<void()>& body);

    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;

    /// CPU time of all its threads so far, user and system.
    [[nodiscard]] std::uint64_t cpu_ns() const;

    /// Bytes of its memory that no file backs.
    [[nodiscard]] std::uint64_t anonymous_bytes() const;

private:
    explicit Process(pid_t pid) : pid_(pid) {}

    pid_t pid_;
};

/// A TCP connection to this machine, tried until the server is there.
[[nodiscard]] int connect_to(std::uint16_t port);

void write_all(int fd, std::string_view bytes);

/// Reads until `end` has come; returns everything read.
std::string read_until(int fd, std::string_view end);

/// A free port, as far as one can know.
[[nodiscard]] std::uint16_t free_port();

/// Clients that do nothing but count the bytes they get.
class Audience {
public:
    Audience();
    ~Audience();
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;

    /// Adds a connected socket; `counts` is false for one whose bytes are only thrown away.
    void add(int fd, bool counts = true);

    /// Reads what has come and waits for more, until `total` bytes have been counted since the
    /// start.
    void wait_for(std::uint64_t total);

    [[nodiscard]] std::size_t size() const { return fds_.size(); }

private:
    int epoll_;
    std::vector<int> fds_;
    std::uint64_t counted_ = 0;
};

/// Pins the calling process to the second core, away from the servers.
void pin_load();

[[nodiscard]] double median(std::vector<double> values);

// --- Fanfare ---

inline constexpr std::string_view app_key = "bench-key";

/// Starts `binary` with one shard and one app on `port`.
[[nodiscard]] Process start_fanfare(const std::string& binary, std::uint16_t port);

/// A connection that is subscribed to `channel`.
[[nodiscard]] int subscribe(std::uint16_t port, std::string_view channel);

/// A signed `POST /events` of `data` to `channel`.
[[nodiscard]] std::string publish_request(std::string_view channel, std::string_view data);

}  // namespace fanfare::bench
