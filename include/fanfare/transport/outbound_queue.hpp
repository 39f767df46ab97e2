// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct iovec;

namespace fanfare::transport {

/// The links of all outbound queues of one shard, recycled: a delivery to a thousand connections makes
/// a thousand links, and none of them is allocated.
class QueueLinks {
public:
    struct Link {
        BufferPtr buffer;
        Link* next = nullptr;
    };

    QueueLinks() = default;
    QueueLinks(const QueueLinks&) = delete;
    QueueLinks& operator=(const QueueLinks&) = delete;

    [[nodiscard]] Link* take(BufferPtr buffer);
    void give_back(Link* link);

private:
    static constexpr std::size_t links_per_slab = 1'024;

    Link* free_ = nullptr;
    std::vector<std::unique_ptr<Link[]>> slabs_;
};

/// What one connection has still to send, in order: a chain of shared buffers, of which the first may be
/// partly sent. Pure; the caller does the system call.
class OutboundQueue {
public:
    OutboundQueue() = default;
    OutboundQueue(OutboundQueue&& other) noexcept;
    OutboundQueue& operator=(OutboundQueue&&) = delete;

    /// It must be empty by then, since its links are the shard's.
    ~OutboundQueue();

    [[nodiscard]] bool is_empty() const { return first_ == nullptr; }

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    void push(BufferPtr buffer, QueueLinks& links);

    /// Fills `parts` with what is to be sent next; returns how many it used.
    [[nodiscard]] std::size_t gather(std::span<iovec> parts) const;

    /// Forgets the first `sent` bytes.
    void consume(std::size_t sent, QueueLinks& links);

    /// Drops what has not been begun, so that the stream stays well-formed.
    void drop_unsent(QueueLinks& links);

    void clear(QueueLinks& links);

private:
    QueueLinks::Link* first_ = nullptr;
    QueueLinks::Link* last_ = nullptr;
    std::uint32_t sent_of_first_ = 0;
    std::uint32_t bytes_ = 0;
};

}  // namespace fanfare::transport
