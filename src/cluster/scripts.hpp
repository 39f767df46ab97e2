// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/client.hpp"

#include <array>
#include <cstdint>

namespace fanfare::cluster {

/// The scripts that keep a cluster's state in Redis. Of a channel there are
///   counts   HASH  node → its subscriptions
///   members  HASH  user id → the nodes that hold it, a line break, the member as encode_member
///   says order    ZSET  user ids by the time of their joining
///   cached        STRING  the last event of a cache channel, the text of its frame
/// and of a node, for each of the buckets that the channels are spread over,
///   index    SET   the channels in which it holds anything.
/// Of each bucket there is also what apps are to be told, of all nodes' doing:
///   told       LIST   in its order, each with a serial number
///   lingering  ZSET   what will be told at its time, unless it is taken back
///   serial     STRING the last number
///   reader     STRING the node that reads `told`, while it does
/// A channel's keys, its topic and the indexes of its bucket share a hash tag, hence a slot of
/// Redis Cluster. What a node writes carries the end of its lease, and is refused as FENCED after
/// it.
enum class ScriptName : std::uint8_t {
    update,
    announce,
    bury,
    heartbeat,
    stats,
    list,
    keep,
    record,
    read
};

using Scripts = std::array<redis::Script, 9>;  // by ScriptName

[[nodiscard]] Scripts make_scripts();

}  // namespace fanfare::cluster
