// SPDX-License-Identifier: MIT
#pragma once

#include "support/redis_server.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fanfare::testing {

/// A Redis Cluster of three masters, with the slots in equal shares.
class RedisCluster {
public:
    RedisCluster();

    [[nodiscard]] RedisServer& node(std::size_t index) { return *nodes_[index]->server; }

    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

    /// Its index; returns when it has the master's data.
    std::size_t add_replica_of(std::size_t master);

    /// Makes a replica the master while its master lives, which then is a replica.
    void fail_over_to(std::size_t replica);

    /// Gives a slot with its keys to another master, step by step as redis-cli does it.
    void move_slot(std::uint16_t slot, std::size_t from, std::size_t to);

private:
    struct Node {
        std::uint16_t bus_port = free_port();
        std::unique_ptr<RedisServer> server;
    };

    void add_node();
    void wait_until_ok();
    void wait_until_known(const std::string& id);

    [[nodiscard]] std::string id_of(std::size_t index) {
        return node(index).ask({"CLUSTER", "MYID"});
    }

    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace fanfare::testing
