// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/event_cache.hpp"
#include "fanfare/channels/presence.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fanfare::cluster {

/// One run of a node under one lease. A node that lost its lease comes back under the same name as
/// its next incarnation, so nothing that is said about the former one can touch it.
struct NodeId {
    std::string name;
    std::uint32_t incarnation = 0;

    [[nodiscard]] std::string text() const { return name + '.' + std::to_string(incarnation); }

    static std::optional<NodeId> parse(std::string_view text);

    friend bool operator==(const NodeId&, const NodeId&) = default;
};

// What nodes say on the topic of a channel.

/// An event. `seq` grows with every message of the origin; a receiver drops what it has had.
struct EventMessage {
    std::string origin;  ///< the node's name
    std::uint64_t seq = 0;
    std::optional<protocol::SocketId> except;
    std::optional<channels::CacheTime> cache_time;
    std::string_view text;  ///< the frame's payload; lives as long as what was decoded
};

/// `node` holds a first connection of `member` (published by the script that stored it).
struct JoinMessage {
    NodeId node;
    std::uint64_t op = 0;
    channels::Member member;
};

/// `node` holds no connection of `user_id` any more.
struct LeaveMessage {
    NodeId node;
    std::uint64_t op = 0;
    std::string user_id;
};

/// So many connections are in the channel, on all nodes.
struct CountMessage {
    std::uint32_t count = 0;
};

/// `node` was declared dead and holds nothing of this channel.
struct GoneMessage {
    NodeId node;
};

/// `node` has announced all that it holds of this channel; its snapshot is of this moment.
struct SyncMessage {
    NodeId node;
    std::uint64_t token = 0;
};

// What nodes say on the topic of the cluster.

/// The app wants a user gone.
struct TerminateMessage {
    std::string origin;
    std::uint64_t seq = 0;
    std::string app_id;
    std::string user_id;
};

/// The open connections of a node's apps.
struct CountsMessage {
    std::string node;                                                ///< the name
    std::vector<std::pair<std::string, std::uint32_t>> connections;  ///< by app id
};

/// Sent to oneself, to see how long the way through Redis takes.
struct EchoMessage {
    std::string node;
    std::uint64_t sent_us = 0;
};

/// Whoever hears it beats at once: `node` is back and wants to know who else is.
struct RollCallMessage {
    std::string node;  ///< the name
};

using Message = std::variant<
    EventMessage,
    JoinMessage,
    LeaveMessage,
    GoneMessage,
    SyncMessage,
    TerminateMessage,
    CountsMessage,
    EchoMessage,
    RollCallMessage,
    CountMessage>;

[[nodiscard]] std::string encode(const Message& message);

/// Nothing for bytes that no node of this version has written.
[[nodiscard]] std::optional<Message> decode(std::string_view bytes);

/// A member as it lies in Redis.
[[nodiscard]] std::string encode_member(const channels::Member& member);
[[nodiscard]] std::optional<channels::Member> decode_member(std::string_view bytes);

}  // namespace fanfare::cluster
