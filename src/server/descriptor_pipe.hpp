// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::server {

/// A message from one process to another, and the descriptors that go with it.
struct PipeMessage {
    std::string bytes;
    std::vector<int> fds;  ///< the receiver's own
};

/// One end of a Unix socket over which processes pass messages with descriptors (SCM_RIGHTS).
/// Blocking, with a limit of time for each step. All throw std::runtime_error if the other end is
/// gone or too slow.
class DescriptorPipe {
public:
    /// Takes the descriptor over.
    explicit DescriptorPipe(int fd);
    ~DescriptorPipe();
    DescriptorPipe(const DescriptorPipe&) = delete;
    DescriptorPipe& operator=(const DescriptorPipe&) = delete;

    /// The limit; zero: there is none.
    void be_patient(std::chrono::seconds patience);

    void send(std::string_view bytes, std::span<const int> fds = {});

    [[nodiscard]] PipeMessage receive();

    [[nodiscard]] int fd() const { return fd_; }

private:
    void send_all(std::string_view bytes);
    void send_descriptors(std::span<const int> fds);
    void receive_all(std::span<char> bytes);
    void receive_descriptors(std::size_t count, std::vector<int>& fds);

    int fd_;
};

/// Both ends; the second one survives exec().
[[nodiscard]] std::pair<int, int> make_descriptor_pipe();

}  // namespace fanfare::server
