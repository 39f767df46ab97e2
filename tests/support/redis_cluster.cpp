// SPDX-License-Identifier: MIT
#include "support/redis_cluster.hpp"

#include <stdexcept>

namespace fanfare::testing {

namespace {

constexpr std::chrono::seconds failover_time{6};  // Redis gives up after 5

}  // namespace

RedisCluster::RedisCluster() {
    const std::vector<std::string> shares{"0", "5461", "10922", "16384"};
    for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
        add_node();
        const std::string last = std::to_string(std::stoi(shares[i + 1]) - 1);
        node(i).ask({"CLUSTER", "ADDSLOTSRANGE", shares[i], last});
        node(i).ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        if (i != 0) {
            node(i).ask(
                {"CLUSTER",
                 "MEET",
                 "127.0.0.1",
                 std::to_string(node(0).port()),
                 std::to_string(nodes_[0]->bus_port)}
            );
        }
    }
    wait_until_ok();
}

void RedisCluster::add_node() {
    auto added = std::make_unique<Node>();
    added->server = std::make_unique<RedisServer>(std::vector<std::string>{
        "cluster-enabled yes",
        "cluster-port " + std::to_string(added->bus_port),
        "cluster-node-timeout 1000",
        "cluster-replica-validity-factor 0",
        "repl-diskless-sync-delay 0"});
    nodes_.push_back(std::move(added));
}

std::size_t RedisCluster::add_replica_of(std::size_t master) {
    const std::size_t index = nodes_.size();
    add_node();
    node(index).ask(
        {"CLUSTER",
         "MEET",
         "127.0.0.1",
         std::to_string(node(0).port()),
         std::to_string(nodes_[0]->bus_port)}
    );
    const std::string id = id_of(master);
    wait_for_answer(node(index), {"CLUSTER", "NODES"}, id);
    node(index).ask({"CLUSTER", "REPLICATE", id});
    wait_for_answer(node(index), {"INFO", "replication"}, "master_link_status:up");
    wait_until_known(id_of(index));
    return index;
}

/// Gossip takes its time; an election needs the votes of masters who know the candidate.
void RedisCluster::wait_until_known(const std::string& id) {
    for (const auto& other : nodes_) {
        wait_for_answer(*other->server, {"CLUSTER", "NODES"}, id);
    }
}

void RedisCluster::move_slot(std::uint16_t slot, std::size_t from, std::size_t to) {
    const std::string number = std::to_string(slot);
    const std::string source = id_of(from);
    const std::string target = id_of(to);
    node(to).ask({"CLUSTER", "SETSLOT", number, "IMPORTING", source});
    node(from).ask({"CLUSTER", "SETSLOT", number, "MIGRATING", target});
    const std::string port = std::to_string(node(to).port());
    std::string key;
    while (!(key = node(from).ask({"CLUSTER", "GETKEYSINSLOT", number, "1"})).empty()) {
        node(from).ask({"MIGRATE", "127.0.0.1", port, key, "0", "5000"});
    }
    for (const std::size_t i : {to, from})
        node(i).ask({"CLUSTER", "SETSLOT", number, "NODE", target});
}

void RedisCluster::fail_over_to(std::size_t replica) {
    // A vote may miss its time, on a busy machine.
    for (int attempt = 0; attempt < 3; ++attempt) {
        const std::string answer = node(replica).ask({"CLUSTER", "FAILOVER"});
        if (answer != "OK") throw std::runtime_error("no failover: " + answer);
        if (comes_to_answer(node(replica), {"INFO", "replication"}, "role:master", failover_time)) {
            return;
        }
    }
    throw std::runtime_error("the replica does not become master");
}

void RedisCluster::wait_until_ok() {
    const std::string known = "cluster_known_nodes:" + std::to_string(nodes_.size());
    for (const auto& member : nodes_) {
        wait_for_answer(*member->server, {"CLUSTER", "INFO"}, "cluster_state:ok");
        wait_for_answer(*member->server, {"CLUSTER", "INFO"}, known);
    }
}

}  // namespace fanfare::testing
