// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/event_cache.hpp"
#include "fanfare/channels/passing.hpp"
#include "fanfare/channels/presence.hpp"
#include "fanfare/channels/subscribers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fanfare::channels {

/// What can be asked about a channel.
struct ChannelStats {
    std::uint64_t subscriptions = 0;      ///< connections
    std::uint64_t users = 0;              ///< distinct, in presence channels
    std::optional<CachedEvent> cached{};  ///< of cache channels

    bool is_lingering = false;  ///< left so recently that its return would not be news

    [[nodiscard]] bool is_occupied() const { return subscriptions != 0; }

    /// As watchers see a user whose channel this is.
    [[nodiscard]] bool is_present() const { return is_occupied() || is_lingering; }
};

/// The state of the channels whose home is this shard: who is in them, on which shards, and as
/// whom. Everything that happens to a channel passes here and gets its order from that. Pure: it
/// returns what has to be sent, and Hub sends it.
///
/// A channel exists from its first join to its last leave. Joins and leaves of one connection
/// arrive in the order in which its shard sent them.
class ChannelHome {
public:
    struct Join {
        ChannelKey channel;
        unsigned shard = 0;
        std::optional<Member> member;  ///< in presence channels
        std::size_t max_members =
            0;  ///< 0 = no limit; a further connection of a member always fits
        /// Who the connection is in the channel already, if it is to be `member` from now on. It
        /// stays who it is if it is refused.
        std::optional<std::string> former_user_id = {};
    };

    struct JoinOutcome {
        JoinResult result = JoinResult::joined;
        std::optional<EncodedFrame> confirmation;  ///< for the joining connection; none if refused
        std::optional<EncodedFrame> farewell;      ///< `member_removed`, for the others
        std::optional<EncodedFrame> announcement;  ///< `member_added`, for the others, after it
        std::optional<EncodedFrame> replay;        ///< in cache channels, after the confirmation
        bool is_first = false;                     ///< nobody was in the channel
    };

    JoinOutcome join(const Join& join);

    /// The confirmation for a connection that is in the channel already.
    [[nodiscard]] EncodedFrame confirm(ChannelRef channel);

    struct LeaveOutcome {
        std::optional<EncodedFrame> farewell;  ///< `member_removed`, if the user is gone
        bool is_last = false;                  ///< nobody is in the channel any more
    };

    /// `user_id` is empty outside presence channels. Nothing if nobody of the shard was there.
    std::optional<LeaveOutcome> leave(ChannelRef channel, unsigned shard, std::string_view user_id);

    /// The shards with subscribers, for deliveries.
    template <typename Visit>
    void for_each_shard(ChannelRef channel, Visit&& visit) const {
        const auto found = channels_.find(channel);
        if (found == channels_.end()) return;
        for (const auto& [shard, count] : found->second.shards) visit(shard);
    }

    [[nodiscard]] ChannelStats stats(ChannelRef channel) const;

    /// Of all presence channels.
    [[nodiscard]] std::vector<PassedMembers> pass() const;

    /// A connection of `shard` that another process has let in.
    void take_over(ChannelRef channel, unsigned shard, const Member* member);

    /// In join order; empty for a channel that nobody is in.
    [[nodiscard]] std::vector<std::string> user_ids(ChannelRef channel) const;

    using Listing = std::vector<std::pair<std::string, ChannelStats>>;

    [[nodiscard]] Listing list(AppIndex app, std::string_view prefix) const;

private:
    struct State {
        void add_connection(unsigned shard);

        std::vector<std::pair<unsigned, std::uint64_t>> shards;  // those with subscribers, few
        std::unique_ptr<Presence> presence;
        std::optional<EncodedFrame> confirmation;  // with the list of members, until that changes

        [[nodiscard]] ChannelStats stats() const;
    };

    [[nodiscard]] static bool has_room(const State& state, const Join& join);

    /// `member_removed` if that was the user's last connection.
    static std::optional<EncodedFrame> leave_presence(
        State& state, std::string_view channel, std::string_view user_id
    );

    std::unordered_map<ChannelKey, State, ChannelHash, ChannelEqual> channels_;
};

}  // namespace fanfare::channels
