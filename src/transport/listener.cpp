// SPDX-License-Identifier: MIT
#include "fanfare/transport/listener.hpp"

#include "peer_address.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr int backlog = 4'096;  // a reconnect storm; the kernel caps it at net.core.somaxconn
constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds retry_delay{200};

using Addresses = std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })>;

Addresses resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (error != 0) {
        throw std::runtime_error(
            "cannot resolve the host to bind, " + host + ": " + ::gai_strerror(error)
        );
    }
    return Addresses(list);
}

void enable(int fd, int level, int option) {
    const int on = 1;
    ::setsockopt(fd, level, option, &on, sizeof(on));
}

enum class Purpose { probe, serve };

/// A probe does not listen, so that no client can reach it, and does not share, so that it finds
/// others.
int bind_socket(const std::string& host, std::uint16_t port, Purpose purpose) {
    const bool serves = purpose == Purpose::serve;
    const Addresses addresses = resolve(host, port);
    const int fd =
        ::socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        throw std::runtime_error(std::string("cannot make a socket: ") + std::strerror(errno));
    enable(fd, SOL_SOCKET, SO_REUSEADDR);
    if (serves) enable(fd, SOL_SOCKET, SO_REUSEPORT);
    enable(fd, IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
    if (::bind(fd, addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        (serves && ::listen(fd, backlog) != 0)) {
        const int error = errno;
        ::close(fd);
        throw std::runtime_error(
            "cannot listen on " + host + ":" + std::to_string(port) + ": " + std::strerror(error)
        );
    }
    return fd;
}

bool is_readable(int fd) {
    pollfd waiting{fd, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

int open_listener(const std::string& host, std::uint16_t port) {
    return bind_socket(host, port, Purpose::serve);
}

void adopt_listener(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    int listens = 0;
    socklen_t listens_size = sizeof(listens);
    const bool is_tcp_listener =
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        (address.ss_family == AF_INET || address.ss_family == AF_INET6) &&
        ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) == 0 && listens != 0;
    if (!is_tcp_listener) {
        throw std::runtime_error(
            "descriptor " + std::to_string(fd) +
            ", passed by the service manager, is not a listening TCP socket"
        );
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    enable(fd, IPPROTO_TCP, TCP_NODELAY);
}

void require_free_port(const std::string& host, std::uint16_t port) {
    if (port != 0) ::close(bind_socket(host, port, Purpose::probe));
}

std::uint16_t local_port(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    return ntohs(
        address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                      : reinterpret_cast<sockaddr_in&>(address).sin_port
    );
}

Listener::Listener(Reactor& reactor, int fd, OnAccept on_accept, OnTrouble on_trouble)
    : reactor_(reactor),
      fd_(fd),
      on_accept_(std::move(on_accept)),
      on_trouble_(std::move(on_trouble)) {
    reactor_.watch(fd_, *this);
}

Listener::~Listener() {
    reactor_.unwatch(fd_, *this);
    ::close(fd_);
}

void Listener::on_ready(std::uint32_t) {
    accept();
}

void Listener::on_again() {
    accept();
}

void Listener::on_timer() {
    // Since nobody was let in meanwhile, the first in line have been waiting for at least that
    // long; a rush of clients that are about to speak must not cut one another off.
    may_evict_ = reactor_.line_length() / 2 + 1;
    accept();
    may_evict_ = 0;
}

void Listener::accept() {
    if (reactor_.phase() != Reactor::Phase::running) return;  // on_again() follows
    for (int i = 0; i < accepts_per_turn; ++i) {
        if (!reactor_.has_room()) {
            if (!is_readable(fd_)) return;  // for nobody nobody has to go
            if (may_evict_ == 0) return wait();
            if (!reactor_.make_room()) {
                on_trouble_("too many of those before them are being answered");
                return wait();
            }
            --may_evict_;
        }
        sockaddr_storage peer{};
        socklen_t size = sizeof(peer);
        const int fd =
            ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            on_accept_(fd, address_of(peer));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            on_trouble_(std::strerror(errno));
            return wait();
        }
        // Everything else concerns one connection that is gone already.
    }
    reactor_.again(*this);
}

void Listener::wait() {
    // Not anew, or those who keep knocking would postpone it for ever.
    if (!is_linked()) reactor_.arm(*this, retry_delay);
}

}  // namespace fanfare::transport
