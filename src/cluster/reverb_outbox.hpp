// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace fanfare::cluster {

/// What this node has said on Reverb's channel and not heard again yet. Reverb's messages carry
/// neither a number nor a sender. But what one connection publishes comes back in that order, so a
/// message is taken for our own if it equals the oldest one that is missing. Should another node
/// have said the very same a moment earlier, the two have changed places, which nobody can tell.
///
/// While Redis is away, a message is delivered on this node at once and kept; it goes out when
/// Redis is there again, and then its return means nothing. What was on its way when the connection
/// broke is said again: rather twice to the others than never.
class ReverbOutbox {
public:
    struct Entry {
        std::string message;
        std::function<void()> deliver;      ///< on this node; null once that has happened
        std::function<void()> on_accepted;  ///< by Redis or by the queue; may be null
    };

    explicit ReverbOutbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    [[nodiscard]] bool has_room(std::size_t bytes) const {
        return bytes_ == 0 || bytes_ + bytes <= max_bytes_;
    }

    /// Returns the number of the entry.
    std::uint64_t add(Entry entry);

    /// The message of the entry that was added last.
    [[nodiscard]] std::string_view newest() const { return entries_.back().entry.message; }

    /// Redis has answered the entry's PUBLISH.
    void on_taken(std::uint64_t number);

    /// Whether `message` is our own; then it has been delivered.
    bool on_return(std::string_view message);

    /// Redis is away: delivers what has not come back and accepts what was not taken. Only the
    /// latter is kept.
    void on_away();

    /// Calls `send(number, message)` for all there are, in order.
    void for_each(const std::function<void(std::uint64_t, std::string_view)>& send) const;

    /// Whether Redis has taken all.
    [[nodiscard]] bool is_taken() const;

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct Kept {
        Entry entry;
        bool is_taken = false;
    };

    void remove_first();

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t first_ = 1;   // the number of the first one kept
    std::deque<Kept> entries_;  // in the order of their numbers, without gaps
};

}  // namespace fanfare::cluster
