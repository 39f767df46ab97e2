// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/channel_key.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace fanfare::cluster {

/// What this node has to say to the others and must neither lose nor double while Redis goes and
/// comes. An entry stays until Redis has taken it and, where this node follows the channel, until
/// it came back: what comes back is what is delivered here, in the order of all nodes. When Redis
/// goes away, what has not come back is delivered here at once, and what was not taken is kept and
/// sent again under its old number, by which the others know what they have had.
class Outbox {
public:
    struct Entry {
        std::uint64_t seq;
        std::optional<channels::ChannelKey> channel;  ///< none: for the topic of the cluster
        std::string message;
        bool is_taken = false;  ///< by Redis
        bool is_here = false;   ///< delivered on this node, or not wanted
        std::function<void()> on_accepted;
        bool is_kept = false;  ///< a cache channel is to keep it
    };

    explicit Outbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    [[nodiscard]] bool has_room(std::size_t bytes) const {
        return bytes_ == 0 || bytes_ + bytes <= max_bytes_;
    }

    [[nodiscard]] std::uint64_t next_seq() const { return next_seq_; }

    Entry& add(Entry entry);

    void on_taken(std::uint64_t seq);

    /// Whether a message of this node that came back is to be delivered.
    [[nodiscard]] bool on_return(std::uint64_t seq);

    /// Nobody here waits for messages of `channel` any more.
    void forget(channels::ChannelRef channel);

    /// Redis is away: calls `deliver` for each entry that is still to be delivered here, and takes
    /// all that was not taken for accepted.
    void on_away(const std::function<void(const Entry&)>& deliver);

    /// All that Redis has not taken, in order.
    void for_each_untaken(const std::function<void(const Entry&)>& visit) const;

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    [[nodiscard]] bool is_empty() const { return entries_.empty(); }

    /// Of a node that has said, and delivered, all before `next_seq`.
    void take_over(std::uint64_t next_seq) {
        next_seq_ = next_seq;
        delivered_until_ = next_seq - 1;
    }

private:
    Entry* find(std::uint64_t seq);
    void shrink();

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t next_seq_ = 1;
    std::uint64_t delivered_until_ =
        0;                       // all up to here was delivered without waiting for a return
    std::deque<Entry> entries_;  // by seq, without gaps
};

}  // namespace fanfare::cluster
