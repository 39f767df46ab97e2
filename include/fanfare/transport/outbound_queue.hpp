// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::transport {

/// The storage of all outbound queues of one shard, recycled: a delivery to a thousand connections
/// takes a place in a thousand queues, and none of them allocates. A chunk is one cache line.
///
/// What a peak needed is kept for the next one up to some 8 MB, which is a delivery to 130,000
/// connections. More goes back with the first trim() that finds every queue empty: to free single
/// slabs, the deliveries would have to keep count of each.
class QueueChunks {
public:
    struct Chunk {
        std::array<BufferPtr, 6> buffers;
        Chunk* next = nullptr;
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };

    QueueChunks() = default;
    QueueChunks(const QueueChunks&) = delete;
    QueueChunks& operator=(const QueueChunks&) = delete;

    [[nodiscard]] Chunk* take();

    /// Its buffers must be null.
    void give_back(Chunk* chunk);

    void trim();

    /// What all queues of the shard hold.
    [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

    [[nodiscard]] std::size_t queued_buffers() const { return queued_buffers_; }

    /// How many chunks there are, in use or not.
    [[nodiscard]] std::size_t capacity() const { return slabs_.size() * chunks_per_slab; }

    static constexpr std::size_t kept_capacity = std::size_t{128} * 1'024;

private:
    friend class OutboundQueue;  // keeps count of what it holds

    static constexpr std::size_t chunks_per_slab = 256;

    void free(Chunk* chunk) { chunk->next = std::exchange(free_, chunk); }

    Chunk* free_ = nullptr;
    std::size_t in_use_ = 0;
    std::size_t queued_bytes_ = 0;
    std::size_t queued_buffers_ = 0;
    std::vector<std::unique_ptr<Chunk[]>> slabs_;
};

/// What one connection has still to send, in order: shared buffers, of which the first may be
/// partly sent. Pure; the caller does the system call.
class OutboundQueue {
public:
    OutboundQueue() = default;
    OutboundQueue(OutboundQueue&& other) noexcept;
    OutboundQueue& operator=(OutboundQueue&&) = delete;

    /// It must be empty by then, since its chunks are the shard's.
    ~OutboundQueue();

    [[nodiscard]] bool is_empty() const { return first_ == nullptr; }

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// Those that wait behind the first buffer.
    [[nodiscard]] std::size_t bytes_behind_first() const;

    void push(BufferPtr buffer, QueueChunks& chunks);

    /// Forgets the first `sent` bytes.
    void consume(std::size_t sent, QueueChunks& chunks);

    /// All that is still to be sent.
    [[nodiscard]] std::string unsent() const;

    /// Drops what has not been begun, so that the stream stays well-formed.
    void drop_unsent(QueueChunks& chunks);

    void clear(QueueChunks& chunks);

private:
    friend class Joiner;

    void pop(QueueChunks& chunks);

    QueueChunks::Chunk* first_ = nullptr;
    QueueChunks::Chunk* last_ = nullptr;
    std::uint32_t sent_of_first_ = 0;
    std::uint32_t bytes_ = 0;
};

/// Turns queues into contiguous bytes for `send`. Connections that are flushed one after the other
/// often hold the very same buffers (the events of one turn on one channel), so the last result is
/// kept and the next queue is only compared with it: a gathered sendmsg of eight frames costs a
/// third more than one send (docs/benchmarks.md).
class Joiner {
public:
    /// The first bytes of a queue that is not empty, 64 KiB or the first buffer at the most; valid
    /// until the next call.
    [[nodiscard]] std::string_view next_bytes(const OutboundQueue& queue);

    /// Lets go of the buffers of the last result; at the end of a turn.
    void forget();

private:
    static constexpr std::size_t max_joined_bytes = 65'536;

    [[nodiscard]] bool is_joined(const OutboundQueue& queue) const;

    std::vector<BufferPtr> buffers_;
    std::string bytes_;
};

}  // namespace fanfare::transport
