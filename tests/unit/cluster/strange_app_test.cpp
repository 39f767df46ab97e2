// SPDX-License-Identifier: MIT
#include "cluster_world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fanfare::cluster::testing {
namespace {

constexpr std::size_t channels = 10;

/// Two nodes. The one that reads the records has still to hear of the other's app.
class StrangeApp : public ::testing::Test {
protected:
    StrangeApp() {
        for (SimNode* node : {&knows_, &other_}) node->connect();
        pass(2'000);
        knows_.hub.attach(client_);
    }

    ~StrangeApp() override { knows_.hub.detach(client_); }

    void pass(int milliseconds) {
        for (; milliseconds > 0; milliseconds -= 100) {
            world_.redis.now += 100;
            for (SimNode* node : {&knows_, &other_}) {
                node->coordinator.tick();
                while (node->step(world_.random)) {
                }
            }
        }
    }

    void occupy_channels() {
        for (std::size_t i = 0; i < channels; ++i) {
            const std::string name = "c" + std::to_string(i);
            client_.joining = name;
            knows_.hub.join(client_, {0, name}, std::nullopt, 100);
            pass(100);
        }
    }

    World world_{1, false, 0};
    SimNode knows_{world_, "n1"};
    SimNode other_{world_, "n0", "another app"};
    SimClient client_{knows_, protocol::SocketId{1, 1}};
};

TEST_F(StrangeApp, is_looked_for_and_what_happened_in_it_is_told_once_it_is_known) {
    occupy_channels();
    pass(1'000);
    EXPECT_TRUE(other_.wanted_apps.contains("app"));
    EXPECT_EQ(world_.told.size(), 0U);
    other_.coordinator.add_app(1, "app");
    EXPECT_EQ(world_.told.size(), channels);
    pass(2'000);
    for (const auto& [channel, news] : world_.told) {
        EXPECT_EQ(news, std::vector<std::string>{"occupied"}) << channel;
    }
}

TEST_F(StrangeApp, that_was_removed_and_comes_back_is_looked_for_again) {
    other_.coordinator.add_app(1, "app");
    other_.coordinator.remove_app(1);
    other_.wanted_apps.clear();
    occupy_channels();
    pass(1'000);
    EXPECT_TRUE(other_.wanted_apps.contains("app"));
    EXPECT_EQ(world_.told.size(), 0U);
    other_.coordinator.add_app(1, "app");
    EXPECT_EQ(world_.told.size(), channels);
}

TEST_F(StrangeApp, is_not_told_late_what_happened_long_ago) {
    occupy_channels();
    pass(65'000);
    other_.coordinator.add_app(1, "app");
    EXPECT_EQ(world_.told.size(), 0U);
}

TEST_F(StrangeApp, has_no_connections_elsewhere_until_it_is_known) {
    pass(3'000);
    EXPECT_FALSE(other_.wanted_apps.contains("app"));  // it has none
    knows_.clients.push_back(nullptr);                 // each counts as an open connection
    pass(3'000);
    EXPECT_TRUE(other_.wanted_apps.contains("app"));
    EXPECT_EQ(other_.elsewhere, 0U);
    other_.coordinator.add_app(1, "app");
    other_.coordinator.add_app(1, "app");  // once more does no harm
    pass(3'000);
    EXPECT_EQ(other_.elsewhere, 1U);
    knows_.clients.clear();
}

}  // namespace
}  // namespace fanfare::cluster::testing
