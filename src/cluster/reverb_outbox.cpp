// SPDX-License-Identifier: MIT
#include "reverb_outbox.hpp"

#include <utility>

namespace fanfare::cluster {

namespace {

/// Calls what is to be called once.
void call_once(std::function<void()>& callback) {
    if (const auto taken = std::exchange(callback, nullptr)) taken();
}

}  // namespace

std::uint64_t ReverbOutbox::add(Entry entry) {
    bytes_ += entry.message.size();
    entries_.push_back({std::move(entry)});
    return first_ + entries_.size() - 1;
}

void ReverbOutbox::on_taken(std::uint64_t number) {
    // An earlier one has come back already, before the answer to its PUBLISH.
    if (number < first_ || number - first_ >= entries_.size()) return;
    Kept& kept = entries_[number - first_];
    kept.is_taken = true;
    call_once(kept.entry.on_accepted);
}

bool ReverbOutbox::on_return(std::string_view message) {
    if (entries_.empty() || entries_.front().entry.message != message) return false;
    Entry entry = std::move(entries_.front().entry);
    bytes_ -= message.size();
    entries_.pop_front();
    ++first_;
    call_once(entry.deliver);
    call_once(entry.on_accepted);
    return true;
}

void ReverbOutbox::on_away() {
    for (Kept& kept : entries_) {
        call_once(kept.entry.deliver);
        call_once(kept.entry.on_accepted);
    }
    // Redis answers in order: what it has taken comes first.
    while (!entries_.empty() && entries_.front().is_taken) remove_first();
}

void ReverbOutbox::remove_first() {
    bytes_ -= entries_.front().entry.message.size();
    entries_.pop_front();
    ++first_;
}

void ReverbOutbox::for_each(const std::function<void(std::uint64_t, std::string_view)>& send
) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) send(first_ + i, entries_[i].entry.message);
}

bool ReverbOutbox::is_taken() const {
    return entries_.empty() || entries_.back().is_taken;
}

}  // namespace fanfare::cluster
