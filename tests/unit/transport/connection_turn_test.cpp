// SPDX-License-Identifier: MIT
#include "unit/transport/plain_connection.hpp"

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace fanfare::transport::testing
