// SPDX-License-Identifier: MIT
#include "outbox.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

Outbox::Entry& Outbox::add(Entry entry) {
    entry.seq = next_seq_++;
    bytes_ += entry.message.size();
    return entries_.emplace_back(std::move(entry));
}

Outbox::Entry* Outbox::find(std::uint64_t seq) {
    if (entries_.empty() || seq < entries_.front().seq || seq > entries_.back().seq) return nullptr;
    return &entries_[seq - entries_.front().seq];
}

void Outbox::on_taken(std::uint64_t seq) {
    Entry* entry = find(seq);
    if (entry == nullptr || entry->is_taken) return;
    entry->is_taken = true;
    const auto on_accepted = std::exchange(entry->on_accepted, nullptr);
    shrink();
    if (on_accepted) on_accepted();
}

bool Outbox::on_return(std::uint64_t seq) {
    if (seq <= delivered_until_) return false;
    if (Entry* entry = find(seq)) entry->is_here = true;
    shrink();
    return true;
}

void Outbox::forget(channels::ChannelRef channel) {
    for (Entry& entry : entries_) {
        if (entry.channel && channels::ChannelRef(*entry.channel) == channel) entry.is_here = true;
    }
    shrink();
}

void Outbox::on_away(const std::function<void(const Entry&)>& deliver) {
    if (entries_.empty()) return;
    const std::uint64_t first = std::max(entries_.front().seq, delivered_until_ + 1);
    for (std::uint64_t seq = first; seq < next_seq_; ++seq) {
        Entry& entry = *find(seq);
        if (!std::exchange(entry.is_here, true)) deliver(entry);
        if (const auto on_accepted = std::exchange(entry.on_accepted, nullptr)) on_accepted();
    }
    delivered_until_ = next_seq_ - 1;
    shrink();
}

void Outbox::for_each_untaken(const std::function<void(const Entry&)>& visit) const {
    for (const Entry& entry : entries_) {
        if (!entry.is_taken) visit(entry);
    }
}

void Outbox::shrink() {
    while (!entries_.empty() && entries_.front().is_taken && entries_.front().is_here) {
        bytes_ -= entries_.front().message.size();
        entries_.pop_front();
    }
}

}  // namespace fanfare::cluster
