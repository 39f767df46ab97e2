// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fanfare::channels {

class Subscriber;

/// Who a connection is in a presence channel.
struct MemberIdentity {
    std::string user_id;
    std::string user_id_json;
};

/// Channel → the subscribers of one shard, and the fan-out loop over them. Also user → those who
/// are that user in some presence channel.
///
/// A channel's subscribers lie in one array; each knows its place in it, and each entry knows the
/// subscriber's own record of the subscription, so that joining and leaving are O(1). Delivery must
/// not join or leave anybody: a subscriber that has to go is closed at the end of the turn.
class Subscribers {
public:
    /// `subscriber` must not be in the channel yet. `identity` is null outside presence channels.
    void add(Subscriber& subscriber, ChannelRef channel, std::unique_ptr<MemberIdentity> identity);

    /// Takes the subscriber's subscription at `index` of its list; the last one moves into its
    /// place.
    void remove(Subscriber& subscriber, std::size_t index);

    /// Makes the subscription at `index` of the subscriber's list one of another user.
    void change_identity(
        Subscriber& subscriber, std::size_t index, std::unique_ptr<MemberIdentity> identity
    );

    /// Hands `message` to every subscriber of the channel but `except`; says to how many.
    std::size_t deliver(
        ChannelRef channel, const BufferPtr& message, std::optional<protocol::SocketId> except
    ) const;

    struct Entry {
        Subscriber* subscriber;
        std::uint32_t subscription;  ///< index in the subscriber's list
    };

    struct Channel {
        explicit Channel(const ChannelKey& channel_key) : key(channel_key) {}

        const ChannelKey& key;
        std::vector<Entry> entries;
    };

    /// How many have subscribers.
    [[nodiscard]] std::size_t channel_count() const { return channels_.size(); }

    /// Null if nobody of this shard is in it.
    [[nodiscard]] const Channel* find(ChannelRef channel) const;

    /// Who is `user_id` in presence channels of the app: once for each of them.
    [[nodiscard]] std::span<Subscriber* const> find_user(AppIndex app, std::string_view user_id)
        const;

private:
    void add_user(Subscriber& subscriber, const MemberIdentity* identity);
    void remove_user(Subscriber& subscriber, const MemberIdentity* identity);

    using Map = std::unordered_map<ChannelKey, std::unique_ptr<Channel>, ChannelHash, ChannelEqual>;

    // Like channels, users are a text of an app, and chosen by strangers.
    using Users =
        std::unordered_map<ChannelKey, std::vector<Subscriber*>, ChannelHash, ChannelEqual>;

    Map channels_;
    Users users_;
};

/// As what a connection is a user's.
enum class UserRole : std::uint8_t { signed_in, member };

/// Why a join was refused.
enum class JoinResult : std::uint8_t { joined, channel_full };

/// One connection, as channels see it. It lives on one shard, and leaves all its channels before it
/// dies (Hub::detach).
class Subscriber {
public:
    explicit Subscriber(AppIndex app, protocol::SocketId socket_id)
        : app_(app), socket_id_(socket_id) {}

    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    struct Subscription {
        Subscribers::Channel* channel;
        std::uint32_t position;                    ///< in the channel's array
        bool is_changing_user;                     ///< a join as another user is under way
        std::unique_ptr<MemberIdentity> identity;  ///< in presence channels only
    };

    [[nodiscard]] AppIndex app() const { return app_; }

    [[nodiscard]] protocol::SocketId socket_id() const { return socket_id_; }

    [[nodiscard]] const std::vector<Subscription>& subscriptions() const { return subscriptions_; }

    /// Queues a message. Must neither join nor leave a channel.
    virtual void deliver(const BufferPtr& message) = 0;

    /// Ends the join that is under way: `confirmation` is the frame to send if it succeeded, and
    /// `replay`, if there is one, to send after it.
    virtual void on_join_result(
        std::string_view channel,
        JoinResult result,
        const BufferPtr& confirmation,
        const BufferPtr& replay
    ) = 0;

    /// The app wants this user gone (protocol.md 5.6).
    virtual void on_terminate(UserRole role) = 0;

    /// The app was removed or disabled, or has lost a key.
    virtual void on_app_change() = 0;

    /// The server is going away.
    virtual void on_drain() = 0;

    /// What is said about it to an operator who asks.
    struct Portrait {
        std::string address;           ///< of the peer, which may be a proxy
        std::size_t queued_bytes = 0;  ///< that it has not taken yet
    };

    [[nodiscard]] virtual Portrait portrait() const { return {}; }

    /// Who it is signed in as; empty: nobody.
    [[nodiscard]] virtual std::string_view user_id() const { return {}; }

    /// An operator wants it gone, for good or until it reconnects.
    virtual void on_dismissal(bool /*may_return*/) {}

    /// Whether the shard's Tracer wants to hear of each message that it sends and gets.
    virtual void set_traced(bool /*is_traced*/) {}

protected:
    virtual ~Subscriber() = default;

private:
    friend class Subscribers;
    friend class Hub;

    AppIndex app_;
    std::uint32_t slot_ = 0;  // the Hub's
    protocol::SocketId socket_id_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace fanfare::channels
