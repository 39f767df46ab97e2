// SPDX-License-Identifier: MIT
#include "unit/transport/plain_connection.hpp"

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// How a connection with unsent bytes ends. The socket pair holds some 200 KB; the rest is queued.
class ConnectionEndTest : public ConnectionTest {
protected:
    static constexpr std::size_t size = 2'000'000;

    void send_much(PlainConnection& connection) {
        connection.send_text(std::string(size, 'm'));
        world_.poll();
        EXPECT_THAT(events_, IsEmpty());
    }

    std::size_t read_all(FarEnd& far_end) {
        std::size_t got = 0;
        for (int i = 0; i < 100 && !far_end.is_at_end(); ++i) {
            got += far_end.read().size();
            world_.poll();
        }
        return got;
    }
};

TEST_F(ConnectionEndTest, a_peer_that_has_said_all_gets_the_rest_of_its_answer) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    far_end.shut_down_sending();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("disconnect"));
    EXPECT_EQ(read_all(far_end), size);
    EXPECT_TRUE(far_end.is_at_end());
    EXPECT_THAT(events_, ElementsAre("disconnect", "destroyed"));
}

TEST_F(ConnectionEndTest, an_answer_of_the_very_turn_in_which_the_peer_stopped_is_sent) {
    auto [far_end, connection] = connect();
    connection->on_bytes = [to = connection](std::string_view) { to->send_text("answer"); };
    far_end.write("question");
    far_end.shut_down_sending();
    world_.poll();
    EXPECT_EQ(far_end.read(), "answer");
    EXPECT_TRUE(far_end.is_at_end());
    EXPECT_THAT(events_, ElementsAre("input question", "disconnect", "destroyed"));
}

TEST_F(ConnectionEndTest, a_peer_that_stopped_and_does_not_read_is_not_waited_for) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    far_end.shut_down_sending();
    world_.poll();
    world_.pass(5s + lateness);
    EXPECT_THAT(events_, ElementsAre("disconnect", "destroyed"));
}

TEST_F(ConnectionEndTest, a_peer_that_stopped_and_goes_altogether_is_let_go) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    far_end.shut_down_sending();
    world_.poll();
    far_end.close();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("disconnect", "destroyed"));
}

TEST_F(ConnectionEndTest, linger_has_time_as_long_as_the_peer_reads) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    connection->linger();
    std::size_t got = 0;
    for (int i = 0; i < 5; ++i) {
        world_.pass(4s);
        got += far_end.read_once().size();
        world_.poll();
    }
    EXPECT_THAT(events_, IsEmpty());
    EXPECT_EQ(got + read_all(far_end), size);
    EXPECT_TRUE(far_end.is_at_end());
    world_.pass(10s + lateness);
    EXPECT_THAT(events_, ElementsAre("destroyed"));
}

TEST_F(ConnectionEndTest, close_idle_waits_for_what_is_queued) {
    auto [far_end, connection] = connect();
    connection->is_waiting = true;
    connection->send_text("answer");
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_EQ(far_end.read(), "answer");
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("destroyed"));
}

TEST_F(ConnectionEndTest, a_buffer_beyond_the_backlog_reaches_a_peer_that_reads) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    connection->send_text(std::string(90'000, 'n'));
    EXPECT_EQ(far_end.read().size() + read_all(far_end), size + 90'000);
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(ConnectionEndTest, the_backlog_counts_what_waits_behind_a_large_buffer) {
    auto [far_end, connection] = connect();
    send_much(*connection);
    connection->send_text(std::string(90'000, 'n'));
    connection->send_text(std::string(20'000, 'n'));
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("backlog full"));
}

}  // namespace
}  // namespace fanfare::transport::testing
