// SPDX-License-Identifier: MIT
#pragma once

#include "store.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// A Redis for the model checker: what the scripts do, without Redis.
namespace fanfare::cluster::testing {

class SimStore;

class SimRedis {
public:
    struct User {
        channels::Member member;
        std::vector<std::string> nodes;
    };

    struct Channel {
        std::map<std::string, std::uint64_t> counts;  // by node
        std::vector<User> users;                      // in join order

        [[nodiscard]] bool is_empty() const { return counts.empty() && users.empty(); }
    };

    using Name = std::pair<std::string, std::string>;  // app id, channel

    struct Node {
        RedisTime deadline = 0;
        NodeInfo info;
    };

    RedisTime now = 1'000'000;
    int run_id = 1;
    std::map<Name, Channel> channels;
    std::map<std::string, Node> nodes;
    std::set<SimStore*> connections;

    void publish(const Name& name, const std::string& bytes);
    void publish_cluster(const std::string& bytes);

    /// All that mentions `node`; empty if nothing does.
    [[nodiscard]] std::string traces_of(const std::string& node) const {
        std::string found;
        for (const auto& [name, channel] : channels) {
            if (channel.counts.contains(node)) found += " count in " + name.second;
            for (const User& user : channel.users) {
                if (std::ranges::find(user.nodes, node) != user.nodes.end()) {
                    found += " member " + user.member.user_id + " of " + name.second;
                }
            }
        }
        if (nodes.contains(node)) found += " lease";
        return found;
    }

    Store::UserResult join(Channel& channel, const std::string& node, const UserChange& change) {
        const auto found = std::ranges::find(
            channel.users, change.member.user_id, [](const User& u) { return u.member.user_id; }
        );
        if (found == channel.users.end()) {
            const std::size_t frees = std::ranges::any_of(channel.users, [&](const User& user) {
                return user.member.user_id == change.former_user_id &&
                       user.nodes == std::vector{node};
            });
            if (change.max_members != 0 && channel.users.size() - frees >= change.max_members) {
                return Store::UserResult::full;
            }
            channel.users.push_back({change.member, {node}});
            return Store::UserResult::changed;
        }
        if (std::ranges::find(found->nodes, node) != found->nodes.end()) {
            return Store::UserResult::unchanged;
        }
        found->nodes.push_back(node);
        return Store::UserResult::changed;
    }

    bool leave(Channel& channel, const std::string& node, const std::string& user_id) {
        const auto found = std::ranges::find(channel.users, user_id, [](const User& u) {
            return u.member.user_id;
        });
        if (found == channel.users.end() || std::erase(found->nodes, node) == 0) return false;
        if (found->nodes.empty()) channel.users.erase(found);
        return true;
    }

    void set_count(Channel& channel, const std::string& node, std::uint64_t count) {
        if (count == 0) {
            channel.counts.erase(node);
        } else {
            channel.counts[node] = count;
        }
    }

    void tidy(const Name& name) {
        const auto found = channels.find(name);
        if (found != channels.end() && found->second.is_empty()) channels.erase(found);
    }
};

/// One node's two connections to it. Nothing happens until the world lets the next command be
/// executed, the next answer or the next message arrive: each of the three is in order, and they
/// are not ordered among each other.
class SimStore final : public Store {
public:
    explicit SimStore(SimRedis& redis) : redis_(redis) {}

    using Command =
        std::function<std::function<void()>()>;  // executes; returns what the answer does
    std::deque<Command> commands;
    std::deque<std::function<void()>> answers;
    std::deque<std::function<void()>> stream;

    std::function<void(ChannelName)> on_subscribed;
    std::function<void()> on_cluster_subscribed;
    std::function<void(ChannelName, std::string_view)> on_message;
    std::function<void(std::string_view)> on_cluster_message;

    std::set<SimRedis::Name> topics;
    bool hears_cluster = false;

    void subscribe(ChannelName channel) override {
        const SimRedis::Name name = owned(channel);
        // Over the other connection: at once in the order of subscriptions.
        subscriptions.push_back([this, name] {
            topics.insert(name);
            stream.push_back([this, name] { on_subscribed({name.first, name.second}); });
        });
    }

    void unsubscribe(ChannelName channel) override {
        subscriptions.push_back([this, name = owned(channel)] { topics.erase(name); });
    }

    void subscribe_cluster() override {
        subscriptions.push_back([this] {
            hears_cluster = true;
            stream.push_back([this] { on_cluster_subscribed(); });
        });
    }

    std::deque<std::function<void()>> subscriptions;

    void publish(ChannelName channel, std::string_view message, Done done) override {
        send([this, name = owned(channel), bytes = std::string(message), done] {
            redis_.publish(name, bytes);
            return done ? done : [] {};
        });
    }

    void publish_cluster(std::string_view message, Done done) override {
        send([this, bytes = std::string(message), done] {
            redis_.publish_cluster(bytes);
            return done ? done : [] {};
        });
    }

    void update(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions_count,
        bool,
        const std::vector<UserChange>& changes,
        std::function<void(Updated)> done
    ) override {
        send([this, name = owned(channel), lease, subscriptions_count, changes, done] {
            Updated updated;
            if (redis_.now > lease.deadline) {
                updated.is_fenced = true;
                return std::function<void()>([done, updated] { done(updated); });
            }
            const std::string node = lease.node.text();
            SimRedis::Channel& state = redis_.channels[name];
            redis_.set_count(state, node, subscriptions_count);
            for (const UserChange& change : changes) {
                UserResult result = UserResult::unchanged;
                if (change.is_join) {
                    result = redis_.join(state, node, change);
                    if (result != UserResult::full && !change.former_user_id.empty() &&
                        redis_.leave(state, node, change.former_user_id)) {
                        redis_.publish(
                            name, encode(LeaveMessage{lease.node, change.op, change.former_user_id})
                        );
                    }
                } else if (redis_.leave(state, node, change.member.user_id)) {
                    result = UserResult::changed;
                }
                if (result == UserResult::changed)
                    redis_.publish(name, message_of(lease.node, change));
                updated.results.push_back(result);
            }
            redis_.tidy(name);
            return std::function<void()>([done, updated] { done(updated); });
        });
    }

    void announce(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions_count,
        const std::vector<UserChange>& users,
        std::uint64_t token,
        std::function<void(Announced)> done
    ) override {
        send([this, name = owned(channel), lease, subscriptions_count, users, token, done] {
            Announced announced;
            if (redis_.now > lease.deadline) {
                announced.is_fenced = true;
            } else {
                announce_now(name, lease, subscriptions_count, users, token);
                for (const auto& user : redis_.channels[name].users) {
                    Snapshot::User& copy = announced.snapshot.users.emplace_back();
                    copy.member = user.member;
                    for (const auto& node : user.nodes) copy.nodes.push_back(*NodeId::parse(node));
                }
                redis_.tidy(name);
            }
            return std::function<void()>([done, announced] {
                if (done) done(announced);
            });
        });
    }

    void holdings(const NodeId& node, std::function<void(Holdings)> done) override {
        send([this, text = node.text(), done] {
            Holdings found;
            for (const auto& [name, channel] : redis_.channels) {
                const bool holds_user = std::ranges::any_of(channel.users, [&](const auto& user) {
                    return std::ranges::find(user.nodes, text) != user.nodes.end();
                });
                if (holds_user || channel.counts.contains(text)) found.push_back(name);
            }
            return std::function<void()>([done, found] { done(found); });
        });
    }

    void heartbeat(
        const NodeId& node,
        bool is_new,
        std::chrono::milliseconds validity,
        const NodeInfo& info,
        std::function<void(Heartbeat)> done
    ) override {
        send([this, text = node.text(), is_new, validity, info, done] {
            Heartbeat heartbeat;
            heartbeat.now = redis_.now;
            const auto known = redis_.nodes.find(text);
            if (!is_new && (known == redis_.nodes.end() || known->second.deadline < redis_.now)) {
                heartbeat.is_dead = true;
            } else {
                redis_.nodes[text] = {redis_.now + validity.count(), info};
                heartbeat.deadline = redis_.now + validity.count();
                for (const auto& [id, entry] : redis_.nodes) {
                    heartbeat.nodes.push_back({*NodeId::parse(id), entry.deadline, entry.info});
                }
            }
            return std::function<void()>([done, heartbeat] { done(heartbeat); });
        });
    }

    void bury(const NodeId& node, Done done) override {
        // One command per channel, as others may come in between.
        send([this, node, done] {
            const std::string text = node.text();
            std::vector<SimRedis::Name> names;
            for (const auto& [name, channel] : redis_.channels) names.push_back(name);
            for (const auto& name : names) bury_in(name, node);
            redis_.nodes.erase(text);
            return done;
        });
    }

    void stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) override {
        send([this, name = owned(channel), done] {
            channels::ChannelStats stats;
            for (const auto& [node, count] : redis_.channels[name].counts) {
                stats.subscriptions += count;
            }
            stats.users = redis_.channels[name].users.size();
            redis_.tidy(name);
            return std::function<void()>([done, stats] { done(stats); });
        });
    }

    void user_ids(ChannelName, std::function<void(std::vector<std::string>)>) override {}

    void
    list(std::string_view, std::string_view, std::function<void(channels::ChannelHome::Listing)>)
        override {}

private:
    static SimRedis::Name owned(ChannelName name) {
        return {std::string(name.app_id), std::string(name.name)};
    }

    static std::string message_of(const NodeId& node, const UserChange& change) {
        return change.is_join ? encode(JoinMessage{node, change.op, change.member})
                              : encode(LeaveMessage{node, change.op, change.member.user_id});
    }

    template <typename Work>
    void send(Work work) {
        commands.push_back([work]() -> std::function<void()> { return work(); });
    }

    void announce_now(
        const SimRedis::Name& name,
        const Lease& lease,
        std::uint64_t count,
        const std::vector<UserChange>& users,
        std::uint64_t token
    ) {
        const std::string node = lease.node.text();
        SimRedis::Channel& state = redis_.channels[name];
        redis_.set_count(state, node, count);
        const auto stored = state.users;
        for (const auto& user : stored) {
            const bool is_announced = std::ranges::any_of(users, [&](const UserChange& change) {
                return change.member.user_id == user.member.user_id;
            });
            if (!is_announced && redis_.leave(state, node, user.member.user_id)) {
                redis_.publish(name, encode(LeaveMessage{lease.node, 0, user.member.user_id}));
            }
        }
        for (const UserChange& change : users) {
            if (redis_.join(state, node, change) == UserResult::changed) {
                redis_.publish(name, message_of(lease.node, change));
            }
        }
        if (token != 0) redis_.publish(name, encode(SyncMessage{lease.node, token}));
    }

    void bury_in(const SimRedis::Name& name, const NodeId& node) {
        SimRedis::Channel& state = redis_.channels[name];
        const std::string text = node.text();
        bool is_held = state.counts.erase(text) != 0;
        const auto stored = state.users;
        for (const auto& user : stored) {
            if (redis_.leave(state, text, user.member.user_id)) is_held = true;
        }
        if (is_held) redis_.publish(name, encode(GoneMessage{node}));
        redis_.tidy(name);
    }

    SimRedis& redis_;
};

inline void SimRedis::publish(const Name& name, const std::string& bytes) {
    for (SimStore* store : connections) {
        if (!store->topics.contains(name)) continue;
        store->stream.push_back([store, name, bytes] {
            store->on_message({name.first, name.second}, bytes);
        });
    }
}

inline void SimRedis::publish_cluster(const std::string& bytes) {
    for (SimStore* store : connections) {
        if (!store->hears_cluster) continue;
        store->stream.push_back([store, bytes] { store->on_cluster_message(bytes); });
    }
}

}  // namespace fanfare::cluster::testing
