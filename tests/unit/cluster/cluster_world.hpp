// SPDX-License-Identifier: MIT
#pragma once

#include "coordinator.hpp"
#include "sim_store.hpp"
#include "support/manual_clock.hpp"

#include "fanfare/channels/hub.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

/// A model checker for the cluster: nodes whose clients come, go, publish and change at random, a
/// Redis whose answers and messages arrive in any order that two connections per node permit, and
/// every mishap that the protocol has to stand: nodes that die, sleep or are cut off, commands that
/// are executed long after their node has died, a Redis that restarts empty. What each client sees
/// is checked as it sees it, and all must agree in the end.
namespace fanfare::cluster::testing {

inline const std::vector<std::string> channel_names{
    "presence-a", "presence-b", "plain", "other", "cache-c", "presence-cache-d"};

inline bool is_cache(std::string_view channel) {
    return channel.find("cache-") != std::string_view::npos;
}

inline bool is_presence(std::string_view channel) {
    return channel.starts_with("presence-");
}

class World;
class SimNode;

[[nodiscard]] std::string text_of(channels::Happening::Kind kind, const std::string& detail);

/// A client that believes what it is told: a presence list, and what happens to it.
class SimClient final : public channels::Subscriber {
public:
    SimClient(SimNode& node, protocol::SocketId id);

    void deliver(const BufferPtr& message) override;
    void on_join_result(
        std::string_view channel,
        channels::JoinResult result,
        const BufferPtr& confirmation,
        const BufferPtr& replay
    ) override;

    void on_terminate(channels::UserRole) override {}

    void on_app_change() override {}

    void on_drain() override {}

    std::map<std::string, std::multiset<std::string>> lists;  // presence channel → users it knows
    std::map<std::string, std::string> users;                 // presence channel → who it is
    std::map<std::string, std::vector<std::string>> events;   // channel → event names
    std::map<std::string, std::string> replays;               // cache channel → what was replayed
    std::optional<std::string> joining;
    std::string wanted_user;  // of that join

private:
    SimNode& node_;
};

class SimNode final : public Surroundings, public channels::Cluster, public channels::ShardLinks {
public:
    SimNode(World& world, std::string name, const std::string& app_id = "app");
    ~SimNode();

    // Surroundings
    [[nodiscard]] Clock::TimePoint now() const override;

    void post(unsigned, channels::ShardLinks::HubTask task) override {
        to_hub.push_back(std::move(task));
    }

    void request_flush() override { wants_flush = true; }

    [[nodiscard]] std::uint32_t open_connections(AppIndex) const override {
        return static_cast<std::uint32_t>(clients.size());
    }

    void set_connections_elsewhere(AppIndex, std::uint32_t count) override { elsewhere = count; }

    void look_for_app(const std::string& app_id) override { wanted_apps.insert(app_id); }

    [[nodiscard]] channels::AppPolicy policy_of(AppIndex) const override;

    void tell(channels::Happening happening) override;

    void report(channels::Happening) override {}

    // channels::Cluster
    void join(channels::JoinRequest request) override;
    void leave(unsigned shard, channels::ChannelKey channel, std::string user_id) override;
    void publish(
        unsigned shard,
        std::vector<channels::Publication> publications,
        std::function<void(bool)> done
    ) override;

    void terminate(AppIndex, std::string) override {}

    void
    stats(unsigned, std::vector<channels::ChannelKey>, std::function<void(std::vector<channels::ChannelStats>)>)
        override {}

    void user_ids(unsigned, channels::ChannelKey, std::function<void(std::vector<std::string>)>)
        override {}

    void list(unsigned, AppIndex, std::string, std::function<void(channels::ChannelHome::Listing)>)
        override {}

    [[nodiscard]] std::string_view trouble() const override { return coordinator.trouble(); }

    void connect();
    void disconnect(std::mt19937& random);

    /// Nothing is under way but what others say.
    [[nodiscard]] bool is_at_rest() const;

    /// Lets one thing happen here; false if nothing is under way.
    bool step(std::mt19937& random);

    World& world;
    SimStore store;
    Coordinator coordinator;
    fanfare::testing::ManualClock clock;
    channels::Hub hub;
    std::vector<std::unique_ptr<SimClient>> clients;
    std::deque<std::function<void(Coordinator&)>> to_bus;
    std::deque<channels::ShardLinks::HubTask> to_hub;
    std::uint32_t elsewhere = 0;
    std::set<std::string> wanted_apps;  // which other nodes have
    bool wants_flush = false;
    bool is_connected = false;
    bool is_asleep = false;
};

class World {
public:
    World(std::uint32_t seed, bool has_mishaps, int nodes = 3);
    ~World();

    /// Some random happenings, then peace, then the checks. Empty, or what is wrong.
    std::string run();

    void fail(const std::string& what);

    std::mt19937 random;
    SimRedis redis;
    std::set<std::string> acknowledged;                    // events
    std::map<std::string, std::vector<std::string>> told;  // channel → what its app was told
    bool has_restarted = false;                            // Redis, and empty
    bool has_mishaps;
    int handovers = 0;

private:
    std::size_t below(std::size_t limit) { return random() % limit; }

    bool one_in(std::size_t count) { return below(count) == 0; }

    void happen();
    void mishap();
    void client_acts(SimNode& node);
    void start_node();

    /// A node passes everything to another process, while all else goes on.
    void begin_handover();
    void go_on_with_handover();
    void call_off_handover();
    [[nodiscard]] bool bring_to_rest(SimNode& node);
    std::vector<PassedSubscription> pass_clients(SimNode& from, SimNode& to);
    void settle();
    void pass_time(std::chrono::milliseconds time);
    void check_presence();
    void check_redis();
    void check_events();
    void check_cached();
    void check_told();

    struct Handover {
        SimNode* from;
        std::unique_ptr<SimNode> to;
        bool is_attended = false;
        bool has_failed = false;
    };

    std::optional<Handover> handover_;
    std::vector<std::unique_ptr<SimNode>> nodes_;
    std::vector<std::deque<SimStore::Command>> late_commands_;  // of nodes that are no more
    std::vector<std::unique_ptr<SimNode>> graves_;              // to which those commands refer
    std::set<std::string> used_names_;
    int next_node_ = 1;
    std::uint32_t next_socket_ = 1;
    int next_event_ = 1;
    std::string failure_;
};

}  // namespace fanfare::cluster::testing
