// SPDX-License-Identifier: MIT
#include "fanfare/transport/outbound_queue.hpp"

#include <sys/uio.h>

#include <cassert>
#include <utility>

namespace fanfare::transport {

QueueLinks::Link* QueueLinks::take(BufferPtr buffer) {
    if (free_ == nullptr) {
        slabs_.push_back(std::make_unique<Link[]>(links_per_slab));
        for (std::size_t i = 0; i < links_per_slab; ++i) give_back(&slabs_.back()[i]);
    }
    Link* link = std::exchange(free_, free_->next);
    link->buffer = std::move(buffer);
    link->next = nullptr;
    return link;
}

void QueueLinks::give_back(Link* link) {
    link->buffer.reset();
    link->next = std::exchange(free_, link);
}

OutboundQueue::OutboundQueue(OutboundQueue&& other) noexcept
    : first_(std::exchange(other.first_, nullptr)),
      last_(std::exchange(other.last_, nullptr)),
      sent_of_first_(std::exchange(other.sent_of_first_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}

OutboundQueue::~OutboundQueue() { assert(is_empty()); }

void OutboundQueue::push(BufferPtr buffer, QueueLinks& links) {
    bytes_ += static_cast<std::uint32_t>(buffer->bytes().size());
    QueueLinks::Link* link = links.take(std::move(buffer));
    if (last_ == nullptr) {
        first_ = link;
    } else {
        last_->next = link;
    }
    last_ = link;
}

std::size_t OutboundQueue::gather(std::span<iovec> parts) const {
    std::size_t used = 0;
    std::size_t skip = sent_of_first_;
    for (auto* link = first_; link != nullptr && used < parts.size(); link = link->next) {
        const std::string_view rest = link->buffer->bytes().substr(skip);
        // iovec is shared with reads and therefore not const; a send does not write to it.
        parts[used++] = {const_cast<char*>(rest.data()), rest.size()};
        skip = 0;
    }
    return used;
}

void OutboundQueue::consume(std::size_t sent, QueueLinks& links) {
    bytes_ -= static_cast<std::uint32_t>(sent);
    sent += sent_of_first_;
    while (first_ != nullptr && sent >= first_->buffer->bytes().size()) {
        sent -= first_->buffer->bytes().size();
        links.give_back(std::exchange(first_, first_->next));
    }
    sent_of_first_ = static_cast<std::uint32_t>(sent);
    if (first_ == nullptr) last_ = nullptr;
}

void OutboundQueue::drop_unsent(QueueLinks& links) {
    if (sent_of_first_ == 0) return clear(links);
    bytes_ = static_cast<std::uint32_t>(first_->buffer->bytes().size() - sent_of_first_);
    QueueLinks::Link* link = std::exchange(first_->next, nullptr);
    while (link != nullptr) links.give_back(std::exchange(link, link->next));
    last_ = first_;
}

void OutboundQueue::clear(QueueLinks& links) {
    while (first_ != nullptr) links.give_back(std::exchange(first_, first_->next));
    last_ = nullptr;
    sent_of_first_ = 0;
    bytes_ = 0;
}

}  // namespace fanfare::transport
