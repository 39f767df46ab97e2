// SPDX-License-Identifier: MIT
#include "fanfare/transport/outbound_queue.hpp"

#include <cassert>
#include <utility>

namespace fanfare::transport {

QueueChunks::Chunk* QueueChunks::take() {
    if (free_ == nullptr) {
        slabs_.push_back(std::make_unique<Chunk[]>(chunks_per_slab));
        for (std::size_t i = 0; i < chunks_per_slab; ++i) free(&slabs_.back()[i]);
    }
    ++in_use_;
    return std::exchange(free_, std::exchange(free_->next, nullptr));
}

void QueueChunks::give_back(Chunk* chunk) {
    chunk->begin = 0;
    chunk->end = 0;
    --in_use_;
    free(chunk);
}

void QueueChunks::trim() {
    if (in_use_ != 0 || capacity() <= kept_capacity) return;
    free_ = nullptr;
    slabs_.clear();
}

OutboundQueue::OutboundQueue(OutboundQueue&& other) noexcept
    : first_(std::exchange(other.first_, nullptr)),
      last_(std::exchange(other.last_, nullptr)),
      sent_of_first_(std::exchange(other.sent_of_first_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}

OutboundQueue::~OutboundQueue() {
    assert(is_empty());
}

std::size_t OutboundQueue::bytes_behind_first() const {
    if (is_empty()) return 0;
    return bytes_ - (first_->buffers[first_->begin]->bytes().size() - sent_of_first_);
}

void OutboundQueue::push(BufferPtr buffer, QueueChunks& chunks) {
    const std::size_t size = buffer->bytes().size();
    bytes_ += static_cast<std::uint32_t>(size);
    chunks.queued_bytes_ += size;
    ++chunks.queued_buffers_;
    if (last_ == nullptr) {
        first_ = last_ = chunks.take();
    } else if (last_->end == last_->buffers.size()) {
        last_ = last_->next = chunks.take();
    }
    last_->buffers[last_->end++] = std::move(buffer);
}

void OutboundQueue::pop(QueueChunks& chunks) {
    sent_of_first_ = 0;
    --chunks.queued_buffers_;
    first_->buffers[first_->begin++].reset();
    if (first_->begin != first_->end) return;
    chunks.give_back(std::exchange(first_, first_->next));
    if (first_ == nullptr) last_ = nullptr;
}

void OutboundQueue::consume(std::size_t sent, QueueChunks& chunks) {
    bytes_ -= static_cast<std::uint32_t>(sent);
    chunks.queued_bytes_ -= sent;
    sent += sent_of_first_;
    while (first_ != nullptr) {
        const std::size_t size = first_->buffers[first_->begin]->bytes().size();
        if (sent < size) break;
        sent -= size;
        pop(chunks);
    }
    sent_of_first_ = static_cast<std::uint32_t>(sent);
}

std::string OutboundQueue::unsent() const {
    std::string bytes;
    bytes.reserve(bytes_);
    std::size_t skipped = sent_of_first_;
    for (const auto* chunk = first_; chunk != nullptr; chunk = chunk->next) {
        for (std::uint32_t i = chunk->begin; i < chunk->end; ++i) {
            bytes += chunk->buffers[i]->bytes().substr(std::exchange(skipped, 0));
        }
    }
    return bytes;
}

void OutboundQueue::drop_unsent(QueueChunks& chunks) {
    if (sent_of_first_ == 0) return clear(chunks);
    const BufferPtr begun = first_->buffers[first_->begin];
    const std::uint32_t sent = sent_of_first_;
    clear(chunks);
    push(begun, chunks);
    sent_of_first_ = sent;
    bytes_ -= sent;
    chunks.queued_bytes_ -= sent;
}

void OutboundQueue::clear(QueueChunks& chunks) {
    while (first_ != nullptr) pop(chunks);
    chunks.queued_bytes_ -= bytes_;
    bytes_ = 0;
}

std::string_view Joiner::next_bytes(const OutboundQueue& queue) {
    const auto* chunk = queue.first_;
    const std::string_view first =
        chunk->buffers[chunk->begin]->bytes().substr(queue.sent_of_first_);
    if (first.size() == queue.bytes() || first.size() >= max_joined_bytes) return first;
    if (is_joined(queue)) return bytes_;

    forget();
    for (; chunk != nullptr; chunk = chunk->next) {
        for (std::uint32_t i = chunk->begin; i != chunk->end; ++i) {
            const std::string_view bytes = chunk->buffers[i]->bytes();
            const std::string_view rest = buffers_.empty() ? first : bytes;
            if (bytes_.size() + rest.size() > max_joined_bytes) return bytes_;
            buffers_.push_back(chunk->buffers[i]);
            bytes_ += rest;
        }
    }
    return bytes_;
}

/// Whether the last result is exactly what this queue holds. A queue that is partly sent or too
/// long to be joined as a whole is never equal.
bool Joiner::is_joined(const OutboundQueue& queue) const {
    if (queue.bytes() != bytes_.size() || queue.sent_of_first_ != 0) return false;
    auto joined = buffers_.begin();
    for (const auto* chunk = queue.first_; chunk != nullptr; chunk = chunk->next) {
        for (std::uint32_t i = chunk->begin; i != chunk->end; ++i) {
            if (joined == buffers_.end() || *joined++ != chunk->buffers[i]) return false;
        }
    }
    return joined == buffers_.end();
}

void Joiner::forget() {
    buffers_.clear();
    bytes_.clear();
}

}  // namespace fanfare::transport
