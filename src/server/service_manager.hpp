// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/environment.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::server {

/// Who has started the daemon and watches over it, as systemd does (sd_notify(3)): is told of each
/// step by a datagram to NOTIFY_SOCKET. Without that variable nothing happens. On one thread.
///
///   starting ──ready()──▶ serving ──stopping()──▶ stopping
///                         │     ▲
///             reloading() └─────┘ reloaded()
///
/// What does not belong to the state is not said: a reload before the server listens must not make
/// it ready.
class ServiceManager {
public:
    explicit ServiceManager(const config::Environment& environment);
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    void ready();
    void reloading();
    void reloaded();
    /// The end may take so long, whatever TimeoutStopSec= says.
    void stopping(std::chrono::seconds patience);
    /// From here on another process is the service.
    void succeeded_by(pid_t successor);
    /// One line for people.
    void status(std::string_view text);
    /// Has to be said once per watchdog_time(), or the daemon is killed.
    void alive();

    [[nodiscard]] bool is_there() const { return fd_ >= 0; }

    /// Nothing if nobody waits for alive().
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_time() const {
        return watchdog_time_;
    }

private:
    enum class State { starting, serving, stopping };

    void say(std::string_view text) const;

    int fd_ = -1;
    std::string address_;  ///< sockaddr_un's path; begins with a zero byte if it is abstract
    std::optional<std::chrono::microseconds> watchdog_time_;
    State state_ = State::starting;
};

/// The sockets that the service manager has bound for this process (sd_listen_fds(3)); none as a
/// rule. To be asked once: they are the caller's.
[[nodiscard]] std::vector<int> passed_sockets(const config::Environment& environment);

}  // namespace fanfare::server
