// SPDX-License-Identifier: MIT
#include "membership.hpp"

#include <spdlog/logger.h>

#include <utility>

namespace fanfare::cluster {

namespace {

constexpr int beats_per_lease = 5;
constexpr std::chrono::milliseconds hurried_beat{100};

/// How long a lease is valid in Redis, out of the time in which a death must have been dealt with.
std::chrono::milliseconds validity(std::chrono::milliseconds lease) {
    return lease * 7 / 10;
}

/// How far the clocks of a Redis Cluster's masters may be apart.
std::int64_t clock_tolerance(std::chrono::milliseconds lease) {
    return lease.count() / 20;
}

}  // namespace

Membership::Membership(
    Store& store,
    std::string name,
    std::chrono::milliseconds lease,
    spdlog::logger& log,
    Listener& listener
)
    : store_(store), log_(log), listener_(listener), lease_time_(lease) {
    lease_.node = {std::move(name), 1};
}

void Membership::on_up(Clock::TimePoint now) {
    is_up_ = true;
    now_ = up_since_ = now;
    up_since_by_redis_ = 0;
    beat();
}

void Membership::on_down() {
    is_up_ = has_lease_ = is_beating_ = false;
    burying_.clear();
}

void Membership::tick(Clock::TimePoint now, bool is_hurried) {
    now_ = now;
    const auto interval = is_hurried ? hurried_beat : lease_time_ / beats_per_lease;
    if (now - last_beat_ < interval) return;
    last_beat_ = now;
    beat();
}

void Membership::beat() {
    if (!is_up_ || std::exchange(is_beating_, true)) return;
    store_.heartbeat(
        lease_.node,
        !is_registered_,
        validity(lease_time_),
        listener_.describe_node(),
        [this](const Heartbeat& heartbeat) {
            is_beating_ = false;
            on_heartbeat(heartbeat);
        }
    );
}

void Membership::on_fenced() {
    has_lease_ = false;
    beat();
}

void Membership::on_heartbeat(const Heartbeat& heartbeat) {
    if (heartbeat.is_dead) return come_back();
    is_registered_ = true;
    lease_.deadline = heartbeat.deadline;
    if (up_since_by_redis_ == 0) up_since_by_redis_ = heartbeat.now;
    // If it was Redis that was away, the others have had no chance to renew theirs.
    const bool may_bury = now_ - up_since_ >= lease_time_;
    nodes_.clear();
    for (const NodeEntry& entry : heartbeat.nodes) {
        if (entry.deadline >= heartbeat.now) {
            nodes_.push_back(entry);
        } else if (may_bury && entry.deadline + clock_tolerance(lease_time_) < heartbeat.now) {
            bury(entry.node);
        }
    }
    if (!std::exchange(has_lease_, true)) listener_.on_lease();
    listener_.on_nodes();
}

bool Membership::has_beaten(const NodeEntry& entry) const {
    return entry.deadline - validity(lease_time_).count() >= up_since_by_redis_;
}

void Membership::come_back() {
    log_.warn(
        "cluster: this node's lease is over, it comes back as a new one node={}", lease_.node.text()
    );
    former_.push_back(lease_.node);
    ++lease_.node.incarnation;
    is_registered_ = has_lease_ = false;
    beat();
}

void Membership::bury_former() {
    for (const NodeId& node : std::exchange(former_, {})) bury(node);
}

void Membership::bury(const NodeId& node) {
    const std::string text = node.text();
    if (!burying_.insert(text).second) return;
    if (node.name != name()) log_.warn("cluster: a node is gone, its members leave node={}", text);
    store_.bury(node, listener_.recorded_apps(), [this, text] { burying_.erase(text); });
}

}  // namespace fanfare::cluster
