// SPDX-License-Identifier: MIT
#pragma once

#include "store.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
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

    struct Lingerer {
        Name name;
        std::string user;  // empty: the channel itself
        RedisTime due = 0;
    };

    std::vector<Lingerer> lingering;
    std::vector<Recorded> told;     // of all buckets, not yet handled
    std::vector<Recorded> history;  // all that ever was
    std::string reader;
    RedisTime reader_until = 0;
    std::uint64_t last_serial = 0;
    std::map<Name, Channel> channels;
    std::map<Name, std::string> cached;  // the text of the event that a cache channel keeps
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

    /// `is_new`: in the channel, not only on the node.
    Store::UserResult join(
        Channel& channel, const std::string& node, const UserChange& change, bool& is_new
    ) {
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
            is_new = true;
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

    using Kind = channels::Happening::Kind;

    [[nodiscard]] bool is_occupied(const Name& name) const {
        const auto found = channels.find(name);
        return found != channels.end() && !found->second.is_empty();
    }

    void tell(Kind kind, const Name& name, const std::string& detail) {
        last_serial = std::max(last_serial + 1, static_cast<std::uint64_t>(now) * 1000);
        told.push_back({last_serial, name.first, name.second, kind, detail});
        history.push_back(told.back());
    }

    void came(Kind kind, const Name& name, const std::string& user, bool is_known) {
        const auto is_it = [&](const Lingerer& each) {
            return each.name == name && each.user == user;
        };
        if (std::erase_if(lingering, is_it) == 0 && !is_known) tell(kind, name, user);
    }

    void went(const Name& name, const std::string& user, const Recording& recording) {
        if (!recording.transitions) return;
        lingering.push_back({name, user, now + recording.transitions->count()});
    }

    void tidy(const Name& name) {
        const auto found = channels.find(name);
        if (found != channels.end() && found->second.is_empty()) channels.erase(found);
    }
};

}  // namespace fanfare::cluster::testing
