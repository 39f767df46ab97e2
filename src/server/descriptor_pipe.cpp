// SPDX-License-Identifier: MIT
#include "descriptor_pipe.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace fanfare::server {

namespace {

/// The kernel takes 253 with one message (SCM_MAX_FD).
constexpr std::size_t fds_at_once = 200;

struct Head {
    std::uint64_t bytes;
    std::uint64_t fds;
};

[[noreturn]] void fail(const char* what) {
    const bool is_late = errno == EAGAIN || errno == EWOULDBLOCK;
    throw std::runtime_error(
        std::string(what) + ": " + (is_late ? "no answer in time" : std::strerror(errno))
    );
}

/// A message of one byte, without which the kernel passes no descriptors, and space for these.
struct Envelope {
    Envelope() {
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
    }

    Envelope(const Envelope&) = delete;
    Envelope& operator=(const Envelope&) = delete;

    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * fds_at_once)> control{};
    msghdr message{};
};

}  // namespace

DescriptorPipe::DescriptorPipe(int fd) : fd_(fd) {
    ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
}

DescriptorPipe::~DescriptorPipe() {
    ::close(fd_);
}

void DescriptorPipe::be_patient(std::chrono::seconds patience) {
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
    const timeval limit{patience.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void DescriptorPipe::send(std::string_view bytes, std::span<const int> fds) {
    const Head head{bytes.size(), fds.size()};
    send_all({reinterpret_cast<const char*>(&head), sizeof head});
    for (; !fds.empty(); fds = fds.subspan(std::min(fds.size(), fds_at_once))) {
        send_descriptors(fds.first(std::min(fds.size(), fds_at_once)));
    }
    send_all(bytes);
}

PipeMessage DescriptorPipe::receive() {
    Head head{};
    receive_all({reinterpret_cast<char*>(&head), sizeof head});
    PipeMessage message;
    while (message.fds.size() < head.fds) {
        receive_descriptors(
            std::min<std::size_t>(head.fds - message.fds.size(), fds_at_once), message.fds
        );
    }
    message.bytes.resize(head.bytes);
    receive_all(message.bytes);
    return message;
}

void DescriptorPipe::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) fail("cannot send to the other process");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void DescriptorPipe::send_descriptors(std::span<const int> fds) {
    Envelope envelope;
    msghdr& message = envelope.message;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
    while (::sendmsg(fd_, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) fail("cannot pass descriptors to the other process");
    }
}

void DescriptorPipe::receive_all(std::span<char> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("cannot hear of the other process");
        if (count == 0) throw std::runtime_error("the other process has ended");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void DescriptorPipe::receive_descriptors(std::size_t count, std::vector<int>& fds) {
    Envelope envelope;
    msghdr& message = envelope.message;
    ssize_t got = 0;
    do {
        got = ::recvmsg(fd_, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) fail("cannot hear of the other process");
    if (got == 0) throw std::runtime_error("the other process has ended");
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    const std::size_t passed =
        header == nullptr ? 0 : (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = fds.size();
    fds.resize(before + passed);
    if (passed != 0) std::memcpy(fds.data() + before, CMSG_DATA(header), passed * sizeof(int));
    // Out of descriptors: the kernel drops those for which there is no room.
    if (passed != count) throw std::runtime_error("not all descriptors have arrived");
}

std::pair<int, int> make_descriptor_pipe() {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    ::fcntl(fds[1], F_SETFD, 0);
    return {fds[0], fds[1]};
}

}  // namespace fanfare::server
