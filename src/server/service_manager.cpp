// SPDX-License-Identifier: MIT
#include "service_manager.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

namespace fanfare::server {

namespace {

constexpr int first_passed_fd = 3;
constexpr std::uint64_t most_passed = 64;  // more is nobody's configuration

std::string text_of(const config::Environment& environment, std::string_view name) {
    const auto it = environment.find(name);
    return it == environment.end() ? std::string() : it->second;
}

std::optional<std::uint64_t> number_of(
    const config::Environment& environment, std::string_view name
) {
    const std::string text = text_of(environment, name);
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// A variable that was meant for the process that has started us is inherited by us as well.
bool is_meant_for_us(const config::Environment& environment, std::string_view pid_name) {
    return number_of(environment, pid_name) == static_cast<std::uint64_t>(::getpid());
}

std::uint64_t monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

ServiceManager::ServiceManager(const config::Environment& environment)
    : address_(text_of(environment, "NOTIFY_SOCKET")) {
    const bool is_usable = (address_.starts_with('/') || address_.starts_with('@')) &&
                           address_.size() < sizeof(sockaddr_un::sun_path);
    if (!is_usable) return;
    if (address_.front() == '@') address_.front() = '\0';
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // A manager that does not read must not hold up the signals for ever.
    const timeval patience{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const bool is_ours =
        !environment.contains("WATCHDOG_PID") || is_meant_for_us(environment, "WATCHDOG_PID");
    const auto time = number_of(environment, "WATCHDOG_USEC");
    if (is_ours && time && *time != 0) watchdog_time_ = std::chrono::microseconds(*time);
}

ServiceManager::~ServiceManager() {
    if (fd_ >= 0) ::close(fd_);
}

void ServiceManager::ready() {
    state_ = State::serving;
    say("READY=1");
}

void ServiceManager::reloading() {
    if (state_ != State::serving) return;
    say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
}

void ServiceManager::reloaded() {
    if (state_ == State::serving) say("READY=1");
}

void ServiceManager::stopping(std::chrono::seconds patience) {
    state_ = State::stopping;
    const std::chrono::microseconds time(patience);
    say("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(time.count()));
}

/// Its READY=1 follows, when it listens.
void ServiceManager::succeeded_by(pid_t successor) {
    say("MAINPID=" + std::to_string(successor));
}

void ServiceManager::status(std::string_view text) {
    say("STATUS=" + std::string(text));
}

void ServiceManager::alive() {
    say("WATCHDOG=1");
}

/// What cannot be said is lost: the manager draws its conclusions, and nobody else is concerned.
void ServiceManager::say(std::string_view text) const {
    if (fd_ < 0) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, address_.data(), address_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    static_cast<void>(::sendto(
        fd_,
        text.data(),
        text.size(),
        MSG_NOSIGNAL,
        reinterpret_cast<const sockaddr*>(&address),
        size
    ));
}

std::vector<int> passed_sockets(const config::Environment& environment) {
    if (!is_meant_for_us(environment, "LISTEN_PID")) return {};
    const std::uint64_t count = number_of(environment, "LISTEN_FDS").value_or(0);
    std::vector<int> sockets;
    for (std::uint64_t i = 0; i < count && i < most_passed; ++i) {
        sockets.push_back(first_passed_fd + static_cast<int>(i));
    }
    return sockets;
}

}  // namespace fanfare::server
