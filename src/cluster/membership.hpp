// SPDX-License-Identifier: MIT
#pragma once

#include "message.hpp"
#include "store.hpp"

#include "fanfare/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

/// This node's lease and what it knows of the other nodes.
///
/// A node has a lease in Redis, by Redis' clock. It renews it five times in its length, and after
/// seven tenths of that without a renewal the node is dead, for good: it may only come back as its
/// next incarnation. Whoever sees a lease that is over buries the node. So a death is dealt with
/// within the length of a lease, and by the time of the burial Redis refuses the dead one's writes.
class Membership {
public:
    /// What the coordinator does about it.
    class Listener {
    public:
        /// A lease is held anew: after each connect, and after this node had been declared dead.
        virtual void on_lease() = 0;

        /// nodes() is fresh.
        virtual void on_nodes() = 0;

        virtual NodeInfo describe_node() = 0;

        /// What is recorded when a node is buried.
        virtual std::vector<RecordedApp> recorded_apps() = 0;

    protected:
        ~Listener() = default;
    };

    Membership(
        Store& store,
        std::string name,
        std::chrono::milliseconds lease,
        spdlog::logger& log,
        Listener& listener
    );

    void on_up(Clock::TimePoint now);
    void on_down();

    /// Beats when it is time, or more often `if_hurried`.
    void tick(Clock::TimePoint now, bool is_hurried);

    /// This process goes on with the lease of another one. Before on_up().
    void take_over(Lease lease) {
        lease_ = std::move(lease);
        is_registered_ = true;
    }

    /// There is news about this node.
    void beat();

    /// Redis has refused a write as too late. Even if the lease is alive after all (an answer that
    /// said so was slow), what was refused has to be announced again.
    void on_fenced();

    /// Removes what former incarnations of this node have left.
    void bury_former();

    [[nodiscard]] bool has_lease() const { return has_lease_; }

    [[nodiscard]] const Lease& lease() const { return lease_; }

    [[nodiscard]] const std::string& name() const { return lease_.node.name; }

    /// Whether the node has renewed its lease since this one is connected.
    [[nodiscard]] bool has_beaten(const NodeEntry& entry) const;

    /// Those alive at the last heartbeat, this one included.
    [[nodiscard]] const std::vector<NodeEntry>& nodes() const { return nodes_; }

    [[nodiscard]] std::chrono::milliseconds lease_time() const { return lease_time_; }

private:
    void on_heartbeat(const Heartbeat& heartbeat);
    void come_back();
    void bury(const NodeId& node);

    Store& store_;
    spdlog::logger& log_;
    Listener& listener_;
    const std::chrono::milliseconds lease_time_;
    Lease lease_;
    std::vector<NodeEntry> nodes_;
    std::vector<NodeId> former_;
    std::set<std::string> burying_;
    Clock::TimePoint now_;
    Clock::TimePoint last_beat_;
    Clock::TimePoint up_since_;
    RedisTime up_since_by_redis_ = 0;
    bool is_up_ = false;
    bool is_registered_ = false;  // this incarnation had a lease once
    bool has_lease_ = false;      // on this connection
    bool is_beating_ = false;
};

}  // namespace fanfare::cluster
