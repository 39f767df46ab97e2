// SPDX-License-Identifier: MIT
#pragma once

#include "app_ids.hpp"
#include "heard.hpp"
#include "message.hpp"
#include "store.hpp"

#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/presence.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a Coordinator that has nothing under way passes to that of another process, and its form
/// between two versions of the program.
namespace fanfare::cluster {

struct PassedChannel {
    channels::ChannelKey key;
    std::vector<JoinMessage> roster;      ///< who holds whom, in the order of the users
    std::vector<channels::Member> users;  ///< of this node
    Heard::Last heard;
    std::uint64_t count = 0;          ///< of subscriptions, on all nodes
    std::uint64_t subscriptions = 0;  ///< of this node, as Redis knows
};

struct PassedNode {
    Lease lease;
    std::string servers;                                  ///< those of Redis
    std::optional<std::chrono::milliseconds> doubt_left;  ///< in what Redis remembers of others
    std::uint64_t last_op = 0;
    std::uint64_t last_token = 0;
    std::uint64_t next_seq = 1;
    Heard::Last heard;                   ///< on the topic of the cluster
    std::vector<CountsMessage> counts;   ///< of each other node
    std::vector<std::uint64_t> handled;  ///< of each bucket, the last record
    std::vector<Recorded> strangers;
    std::vector<channels::ChannelKey> owed_counts;
    std::vector<PassedChannel> channels;
};

/// CBOR.
[[nodiscard]] std::string encode(const PassedNode& node, const AppIds& apps);

/// What concerns apps that are not known here is left out. Throws std::exception if the bytes are
/// none of another version's either.
[[nodiscard]] PassedNode decode_node(std::string_view bytes, const AppIds& apps);

}  // namespace fanfare::cluster
