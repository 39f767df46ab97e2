// SPDX-License-Identifier: MIT
#include "redis_store_fixture.hpp"

#include <random>
#include <sstream>

// The model checker is worth as much as its Redis: here the scripts on a real one and the
// simulation are told the same, and have to answer, publish and keep the same.
namespace fanfare::cluster::testing {

namespace {

using fanfare::testing::RedisServer;

const std::vector<ChannelName> channels_of_test{
    {"app", "presence-a"}, {"app", "presence-b"}, {"app:%{}", "presence-c:{d}%"}};
const std::vector<std::string> nodes_of_test{"n", "nn", "m"};
constexpr std::chrono::hours validity{1'000};

/// Of what one call publishes.
enum class Order : std::uint8_t { kept, departures_are_free, free };

class Agreement {
public:
    Agreement(const RedisServer& server, std::uint32_t seed)
        : server_(server), real_(options_for(server)), random_(seed) {
        server.ask({"FLUSHALL"});
        for (const ChannelName channel : channels_of_test) {
            real_.listen(channel);
            sim_.listen(channel);
        }
    }

    /// What they disagree about; empty if they never do.
    std::string run(int steps) {
        for (int i = 0; i < steps && trouble_.str().empty(); ++i) {
            step();
            if (i % 30 == 29) compare_state();
        }
        compare_state();
        if (trouble_.str().empty()) bury_all();
        return trouble_.str();
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }

    void step() {
        const Lease lease{
            {nodes_of_test[below(nodes_of_test.size())], static_cast<std::uint32_t>(1 + below(2))},
            below(10) == 0 ? over : lasting};
        const ChannelName channel = channels_of_test[below(channels_of_test.size())];
        switch (below(13)) {
            case 0:
            case 1:
            case 2:
                return announce(channel, lease);
            case 3:
                return bury(lease.node);
            case 4:
                return beat(lease.node);
            case 5:
                return keep(channel);
            default:
                return update(channel, lease);
        }
    }

    std::string some_user() { return "u" + std::to_string(below(6)); }

    UserChange some_change() {
        const std::uint64_t op = ++op_;
        if (below(3) == 0) return leaves(some_user(), op);
        const std::size_t max_members = below(5);
        if (below(3) == 0) return becomes(some_user(), some_user(), op, max_members);
        UserChange change = joins(some_user(), op, max_members);
        // Now and then more than the 64 bytes up to which Redis keeps a hash in its order.
        if (below(4) == 0) change.member.user_info_json = std::string(below(200), 'x');
        return change;
    }

    void update(ChannelName channel, const Lease& lease) {
        std::vector<UserChange> changes;
        while (below(3) != 0) {
            UserChange change = some_change();
            // A connection becomes somebody else, or says again who it is.
            if (change.former_user_id == change.member.user_id) change.former_user_id.clear();
            changes.push_back(std::move(change));
        }
        const std::size_t count = below(3);
        const std::string simulated = text_of(sim_.update(channel, lease, count, true, changes));
        const bool holds = holds_anything(channel, lease.node);
        const std::string real = text_of(real_.update(channel, lease, count, holds, changes));
        compare("answer to update", simulated, real);
        compare_heard("update", Order::kept);
    }

    void announce(ChannelName channel, const Lease& lease) {
        std::vector<UserChange> users;
        for (int i = 0; i < 6; ++i) {
            if (below(3) == 0) users.push_back(joins("u" + std::to_string(i), ++op_));
        }
        std::shuffle(users.begin(), users.end(), random_);
        const std::size_t count = below(3);
        const std::uint64_t token = below(3);
        compare(
            "answer to announce",
            text_of(sim_.announce(channel, lease, count, users, token)),
            text_of(real_.announce(channel, lease, count, users, token))
        );
        compare_heard("announce", Order::departures_are_free);
    }

    void keep(ChannelName channel) {
        const std::string text = R"({"event":"e)" + std::to_string(++op_) + "\"}";
        const std::string message = encode(EventMessage{"n", op_, {}, {}, text});
        sim_.keep(channel, message, text);
        real_.keep(channel, message, text);
        compare_heard("keep", Order::kept);
    }

    void bury(const NodeId& node) {
        sim_.bury(node);
        real_.bury(node);
        compare_heard("bury", Order::free);
    }

    void beat(const NodeId& node) {
        const bool is_new = below(2) == 0;
        NodeInfo info;
        info.channels = below(100);
        const auto text_of_beat = [](const Heartbeat& beat) {
            std::set<std::string> nodes;
            for (const NodeEntry& entry : beat.nodes) {
                nodes.insert(entry.node.text() + '/' + std::to_string(entry.info.channels));
            }
            std::string text = beat.is_dead ? "dead" : "alive";
            for (const std::string& each : nodes) text += ' ' + each;
            return text;
        };
        compare(
            "heartbeat",
            text_of_beat(sim_.heartbeat(node, is_new, validity, info)),
            text_of_beat(real_.heartbeat(node, is_new, validity, info))
        );
    }

    void bury_all() {
        for (const std::string& name : nodes_of_test) {
            for (std::uint32_t incarnation = 1; incarnation <= 2; ++incarnation) {
                bury({name, incarnation});
            }
        }
        const std::string kept = std::to_string(sim_.redis.cached.size());
        compare("keys in the end", kept, server_.ask({"DBSIZE"}));
    }

    bool holds_anything(ChannelName channel, const NodeId& node) {
        const auto holdings = sim_.holdings(node);
        const std::pair name{std::string(channel.app_id), std::string(channel.name)};
        return std::ranges::find(holdings, name) != holdings.end();
    }

    void compare_state() {
        std::size_t keys = 0;
        std::set<std::string> indexes;
        for (const ChannelName channel : channels_of_test) {
            const auto name = std::string(channel.name);
            const auto simulated = sim_.stats(channel);
            const auto real = real_.stats(channel);
            compare(
                "subscriptions of " + name,
                std::to_string(simulated.subscriptions),
                std::to_string(real.subscriptions)
            );
            compare(
                "users of " + name, std::to_string(simulated.users), std::to_string(real.users)
            );
            const auto text = [](const auto& cached) {
                return cached ? std::string(cached->event.text()) : "none";
            };
            compare("cached in " + name, text(simulated.cached), text(real.cached));
            const auto state = sim_.redis.channels.find({std::string(channel.app_id), name});
            if (state == sim_.redis.channels.end()) continue;
            keys += (state->second.counts.empty() ? 0 : 1) + (state->second.users.empty() ? 0 : 2);
            compare_users(channel, state->second);
        }
        for (const std::string& node : nodes_of_test) {
            for (std::uint32_t incarnation = 1; incarnation <= 2; ++incarnation) {
                compare_holdings({node, incarnation}, indexes);
            }
        }
        keys += sim_.redis.cached.size();
        keys += indexes.size() + (sim_.redis.nodes.empty() ? 0 : 2);
        compare("number of keys", std::to_string(keys), server_.ask({"DBSIZE"}));
    }

    /// Byte by byte what the hash of members holds, in the order of joining.
    void compare_users(ChannelName channel, const SimRedis::Channel& state) {
        const auto keys = real_.keys().of(channel);
        std::vector<std::string> ids;
        for (const SimRedis::User& user : state.users) {
            ids.push_back(user.member.user_id);
            std::string stored;
            for (const std::string& node : user.nodes) stored += (stored.empty() ? "" : " ") + node;
            stored += '\n' + encode_member(user.member);
            compare(
                "stored " + user.member.user_id,
                stored,
                server_.ask({"HGET", keys.key("m:"), user.member.user_id})
            );
        }
        if (ids != real_.user_ids(channel)) trouble_ << "the order of joining differs\n";
        for (const auto& [node, count] : state.counts) {
            compare(
                "count of " + node,
                std::to_string(count),
                server_.ask({"HGET", keys.key("c:"), node})
            );
        }
    }

    void compare_holdings(const NodeId& node, std::set<std::string>& indexes) {
        auto simulated = sim_.holdings(node);
        auto real = real_.holdings(node);
        std::ranges::sort(simulated);
        std::ranges::sort(real);
        if (simulated != real) trouble_ << "holdings of " << node.text() << " differ\n";
        for (const auto& [app_id, name] : simulated) {
            const auto keys = real_.keys().of({app_id, name});
            indexes.insert(real_.keys().index(keys.number, node.text()));
        }
    }

    void compare(const std::string& what, const std::string& simulated, const std::string& real) {
        if (simulated == real) return;
        trouble_ << what << "\n  simulated: " << simulated << "\n  real:      " << real << '\n';
    }

    void compare_heard(const std::string& what, Order order) {
        const auto text = [&](std::vector<std::string> heard) {
            const auto is_departure = [](const std::string& message) {
                return message.find(": -") != std::string::npos;
            };
            const auto end =
                order == Order::free ? heard.end() : std::ranges::find_if_not(heard, is_departure);
            if (order != Order::kept) std::sort(heard.begin(), end);
            std::string all;
            for (const std::string& message : heard) all += "\n    " + message;
            return all;
        };
        compare("published by " + what, text(sim_.heard()), text(real_.heard()));
    }

    const RedisServer& server_;
    RedisDriver real_;
    SimDriver sim_;
    std::mt19937 random_;
    std::uint64_t op_ = 0;
    std::ostringstream trouble_;
};

TEST(StoreAgreement, scripts_and_simulation_do_the_same) {
    const RedisServer server;
    for (std::uint32_t seed = 1; seed <= 25; ++seed) {
        ASSERT_EQ(Agreement(server, seed).run(150), "") << "seed " << seed;
    }
}

}  // namespace

}  // namespace fanfare::cluster::testing
