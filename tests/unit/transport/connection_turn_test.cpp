// SPDX-License-Identifier: MIT
#include "unit/transport/plain_connection.hpp"

#include <stdexcept>

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

using ConnectionTurnTest = ConnectionTest;

// Two turns for one request to have one would outlive a connection that ends in the second.
TEST_F(ConnectionTurnTest, a_connection_has_one_turn_however_often_it_asked) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    connection->is_hungry = neighbour->is_hungry = false;
    far_end.write("a");
    neighbour_end.write("n");
    world_.poll();

    connection->on_full = [asking = connection] { asking->resume_input(); };
    connection->on_bytes = [ending = connection](std::string_view) { ending->finish(); };
    neighbour->is_hungry = true;
    neighbour->on_bytes = [other = connection](std::string_view) { other->is_hungry = true; };
    connection->resume_input();
    neighbour->resume_input();
    for (int i = 0; i < 100; ++i) connection->send_text(std::string(50'000, 'e'));
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("backlog full", "input n", "input a", "destroyed"));
}

TEST_F(ConnectionTurnTest, a_deadline_that_throws_ends_its_connection_only) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    connection->on_alarm = [] { throw std::runtime_error("broken invariant"); };
    connection->arm_timer(1s);
    neighbour->arm_timer(1s);
    world_.pass(1s + lateness);
    EXPECT_THAT(world_.reports(), ElementsAre("broken invariant"));
    EXPECT_THAT(
        take_events(), UnorderedElementsAre("deadline", "disconnect", "destroyed", "deadline")
    );
    neighbour_end.write("n");
    world_.poll();
    EXPECT_THAT(take_events(), ElementsAre("input n")) << "the shard goes on";
}

TEST_F(ConnectionTurnTest, a_connection_that_fails_while_it_fails_is_destroyed_all_the_same) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    connection->on_bytes = [](std::string_view) { throw std::runtime_error("one"); };
    connection->on_loss = [] { throw std::runtime_error("two"); };
    far_end.write("x");
    neighbour_end.write("n");
    world_.poll();
    EXPECT_THAT(world_.reports(), ElementsAre("one", "two"));
    EXPECT_THAT(events_, UnorderedElementsAre("input x", "disconnect", "destroyed", "input n"));
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
}

// Such exceptions belong to no connection: they leave the timer wheel itself.
TEST_F(ConnectionTurnTest, a_timer_that_throws_stops_neither_the_clock_nor_the_other_timers) {
    struct ThrowingTimer final : Timer {
        void on_timer() override { throw std::runtime_error("thrown by a timer"); }
    };

    auto [far_end, connection] = connect();
    ThrowingTimer timer;
    world_.reactor().arm(timer, 1s);
    connection->arm_timer(1s);
    world_.pass(1s + lateness);
    world_.pass(lateness);
    EXPECT_THAT(world_.reports(), ElementsAre("thrown by a timer"));
    EXPECT_THAT(events_, ElementsAre("deadline"));
}

}  // namespace
}  // namespace fanfare::transport::testing
