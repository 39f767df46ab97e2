// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/config/settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace fanfare::cluster {

/// What is known of Redis.
struct BusState {
    bool is_connected = false;
    std::uint64_t losses = 0;          ///< of a connection that was there
    std::chrono::microseconds lag{0};  ///< the last time that Redis was asked; 0: not yet
    std::uint64_t queued_bytes = 0;    ///< that Redis has not taken
};

/// What a process has to listen to before it takes the place of another one.
struct Attention {
    std::string cluster;  ///< its kind and name
    std::vector<channels::ChannelKey> channels;
    std::string mark;     ///< if not empty: what is heard before it is the other process's
    std::string servers;  ///< those of Redis, with a mark
};

/// A connection of this node in a channel, passed by another process.
struct PassedSubscription {
    channels::ChannelKey channel;
    unsigned shard = 0;
    std::string user_id;  ///< empty outside presence channels
};

/// A cluster of either kind, as the server that owns it sees it.
class Bus : public channels::Cluster {
public:
    virtual ~Bus() = default;

    /// Starts the thread; calls `on_first_open` on it once this node is part of the cluster. From
    /// now on the shards are posted to.
    virtual void start(std::function<void()> on_first_open) = 0;

    /// Throws std::runtime_error if the settings of an app cannot travel over the bus.
    virtual void require_sayable(const config::AppSettings& /*settings*/) const {}

    /// Any thread. An app is new, has changed or (null) is removed; in the order of their indices
    /// when they are new, and before a shard hears of it.
    virtual void set_app(AppIndex app, const config::SharedAppSettings& settings) = 0;

    /// Any thread.
    [[nodiscard]] virtual BusState state() const = 0;

    /// Takes this node out of the cluster (waiting for Redis two seconds at most) and ends the
    /// thread. What the shards still say goes nowhere.
    virtual void stop() = 0;

    /// Whether the homes of the channels are here, and not on the shards.
    [[nodiscard]] virtual bool has_homes() const = 0;

    // The way to the process that takes this one's place, by which the node stays the same. Redis
    // is not told: the other process listens to all that this one listens to and holds it back,
    // then gets what this one knows, and drops what this one has heard.

    /// Any thread. Calls `done` on the bus's thread with what the other process has to listen to:
    /// first with everything; then (`is_last`), when no shard says anything any more, with what has
    /// come since.
    virtual void prepare_to_pass(bool is_last, std::function<void(Attention)> done) = 0;

    /// Any thread. Calls `done` on the bus's thread when all has been heard that was said when the
    /// other process had begun to listen, or if Redis is away; perhaps never, if it goes.
    virtual void catch_up(std::function<void()> done) = 0;

    /// Any other thread. False if something is still under way to Redis or from there. Otherwise
    /// the bus's thread stands still from now on until `go_on` is there.
    [[nodiscard]] virtual bool stand_still(std::shared_future<void> go_on) = 0;

    /// While it stands still: any thread. Nothing is on its way to it.
    [[nodiscard]] virtual bool has_no_mail() const = 0;

    /// While it stands still: any thread.
    [[nodiscard]] virtual std::string pass() const = 0;

    /// While it stands still: any thread. The other process is the node; Redis hears no word of
    /// this one any more.
    virtual void fall_silent() = 0;

    /// Any thread. It has come to nothing: this process goes on.
    virtual void stay() = 0;

    // The way from the other process; in place of start(). On the main thread, before the shards
    // run.

    /// Calls `done` on the bus's thread once all of it is listened to (true), or if the connection
    /// to Redis is lost. The next time only with what has come since.
    virtual void attend(Attention attention, std::function<void(bool)> done) = 0;

    /// What the other process knows. Throws std::runtime_error if this one cannot take over.
    virtual void take_over(
        const std::string& passed, const std::vector<PassedSubscription>& subscriptions
    ) = 0;

    /// The other process is gone, and this one is the node.
    virtual void succeed() = 0;
};

}  // namespace fanfare::cluster
