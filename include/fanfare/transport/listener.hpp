// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"
#include "fanfare/base/timer_wheel.hpp"
#include "fanfare/transport/reactor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fanfare::transport {

/// Resolves `host`, binds and listens; one such socket per shard, all on the same port, between
/// which the kernel spreads the connections (SO_REUSEPORT). Port 0 takes any free one: see
/// local_port. Throws std::runtime_error with a line for the operator.
[[nodiscard]] int open_listener(const std::string& host, std::uint16_t port);

/// Makes a socket that somebody else has bound fit for a Listener. Throws std::runtime_error if it
/// is not a listening TCP socket.
void adopt_listener(int fd);

/// Throws like open_listener if another process listens there already, which SO_REUSEPORT would
/// hide.
void require_free_port(const std::string& host, std::uint16_t port);

[[nodiscard]] std::uint16_t local_port(int fd);

/// Accepts the connections of one shard.
class Listener final : public Pollable, public Timer {
public:
    /// Gets an accepted, non-blocking socket and the address of who has connected.
    using OnAccept = std::function<void(int fd, const IpAddress& peer)>;

    /// Gets a line when connections wait that cannot be accepted (out of descriptors, or
    /// room for guests; see Reactor).
    using OnTrouble = std::function<void(std::string_view)>;

    Listener(Reactor& reactor, int fd, OnAccept on_accept, OnTrouble on_trouble);
    ~Listener() override;

    void on_ready(std::uint32_t events) override;
    void on_again() override;

    void on_failure() override {}

private:
    void on_timer() override;
    void accept();
    void wait();

    Reactor& reactor_;
    int fd_;
    OnAccept on_accept_;
    OnTrouble on_trouble_;
    std::size_t may_evict_ = 0;  // guests, in this call of accept()
};

}  // namespace fanfare::transport
