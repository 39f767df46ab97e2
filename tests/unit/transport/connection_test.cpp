// SPDX-License-Identifier: MIT
#include "unit/transport/plain_connection.hpp"

#include <stdexcept>

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST_F(ConnectionTest, sends_of_one_turn_leave_together) {
    auto [far_end, connection] = connect(SOCK_SEQPACKET);
    for (const char* text : {"one ", "two ", "three"}) connection->send_text(text);
    EXPECT_EQ(far_end.read_once(), "") << "before the end of the turn";
    world_.poll();
    EXPECT_EQ(far_end.read_once(), "one two three");
    EXPECT_EQ(far_end.read_once(), "");
}

TEST_F(ConnectionTest, answers_to_the_input_of_one_turn_leave_together) {
    auto [a, connection_of_a] = connect(SOCK_SEQPACKET);
    auto [b, connection_of_b] = connect(SOCK_SEQPACKET);
    for (auto* connection : {connection_of_a, connection_of_b}) {
        connection->on_bytes = [to = connection_of_b](std::string_view text) {
            to->send_text(std::string(text));
        };
    }
    world_.poll();
    a.write("from a;");
    b.write("from b;");
    world_.poll();
    const std::string answer = b.read_once();
    EXPECT_TRUE(answer == "from a;from b;" || answer == "from b;from a;") << answer;
}

TEST_F(ConnectionTest, what_the_input_handler_leaves_is_shown_again_with_more) {
    auto [far_end, connection] = connect();
    connection->takes = 2;
    far_end.write("abc");
    world_.poll();
    far_end.write("d");
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("input ab", "input cd"));
}

TEST_F(ConnectionTest, a_sated_connection_reads_nothing_until_it_resumes) {
    auto [far_end, connection] = connect();
    connection->is_hungry = false;
    far_end.write("ab");
    world_.poll();
    EXPECT_THAT(events_, IsEmpty());
    connection->is_hungry = true;
    connection->resume_input();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("input ab"));
}

TEST_F(ConnectionTest, the_end_of_the_stream_is_a_disconnect_and_the_end) {
    auto [far_end, connection] = connect();
    far_end.write("last words");
    far_end.close();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("input last words", "disconnect", "destroyed"));
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(ConnectionTest, finish_closes_at_once_without_a_disconnect) {
    auto [far_end, connection] = connect();
    connection->send_text("never sent");
    connection->finish();
    connection->finish();
    connection->send_text("neither");
    EXPECT_THAT(events_, IsEmpty()) << "it lives to the end of the turn";
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
    world_.poll();
    EXPECT_EQ(far_end.read(), "");
    EXPECT_TRUE(far_end.is_at_end());
    EXPECT_THAT(events_, ElementsAre("destroyed"));
}

TEST_F(ConnectionTest, linger_sends_the_rest_then_fin_and_reads_on_in_silence) {
    auto [far_end, connection] = connect();
    connection->send_text("last words");
    connection->linger();
    world_.poll();
    EXPECT_EQ(far_end.read(), "last words");
    EXPECT_TRUE(far_end.is_at_end());
    far_end.write("too late");
    world_.poll();
    EXPECT_THAT(events_, IsEmpty());
    far_end.close();
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("destroyed"));
}

TEST_F(ConnectionTest, linger_does_not_wait_for_ever) {
    auto [far_end, connection] = connect();
    connection->linger();
    world_.pass(4s);
    EXPECT_THAT(events_, IsEmpty());
    world_.pass(1s + lateness);
    EXPECT_THAT(events_, ElementsAre("destroyed"));
}

TEST_F(ConnectionTest, a_deadline_comes_once_and_not_early) {
    auto [far_end, connection] = connect();
    connection->arm_timer(10s);
    world_.pass(9'900ms);
    EXPECT_THAT(events_, IsEmpty());
    world_.pass(100ms + lateness);
    EXPECT_THAT(take_events(), ElementsAre("deadline"));
    world_.pass(1h);
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(ConnectionTest, r026_a_client_that_does_not_read_has_a_full_backlog) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    const std::string event(10'000, 'e');
    std::size_t sends = 0;
    while (events_.empty() && sends < 1'000) {
        connection->send_text(event);
        neighbour->send_text("n");
        ++sends;
        world_.poll();
    }
    EXPECT_THAT(take_events(), ElementsAre("backlog full"));
    connection->send_text("more");
    world_.poll();
    EXPECT_THAT(events_, IsEmpty()) << "it is told once";
    EXPECT_EQ(neighbour_end.read(), std::string(sends, 'n'));

    std::string got;
    while (!far_end.is_at_end()) {
        got += far_end.read();
        world_.poll();
    }
    const std::string ending = "[goodbye]more";
    ASSERT_TRUE(got.ends_with(ending));
    const std::string events = got.substr(0, got.size() - ending.size());
    EXPECT_EQ(events.size() % event.size(), 0U) << "the buffer that was begun is sent to its end";
    EXPECT_LT(events.size(), sends * event.size());
    EXPECT_EQ(events, std::string(events.size(), 'e'));
}

TEST_F(ConnectionTest, r026_a_reader_survives_more_than_the_backlog_in_one_turn) {
    auto [far_end, connection] = connect();
    for (int i = 0; i < 20; ++i) connection->send_text(std::string(9'000, 'e'));
    world_.poll();
    EXPECT_EQ(far_end.read().size(), 180'000U) << "the socket alone takes that much";
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(ConnectionTest, sends_are_ignored_from_a_full_backlog_to_the_end_of_the_turn) {
    auto [far_end, connection] = connect();
    for (int i = 0; i < 100; ++i) connection->send_text(std::string(50'000, 'e'));
    EXPECT_THAT(events_, IsEmpty()) << "a fan-out may be calling";
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("backlog full"));
}

TEST_F(ConnectionTest, a_blocked_queue_goes_on_when_the_client_reads) {
    auto [far_end, connection] = connect();
    std::string sent;
    for (char c = 'a'; c <= 'z'; ++c) {
        sent += std::string(12'000, c);
        connection->send_text(std::string(12'000, c));
    }
    std::string got;
    for (int i = 0; i < 100 && got.size() < sent.size(); ++i) {
        world_.poll();
        got += far_end.read();
    }
    EXPECT_EQ(got, sent);
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(ConnectionTest, a_send_to_a_client_that_is_gone_ends_the_connection) {
    auto [far_end, connection] = connect();
    world_.poll();
    far_end.close();
    connection->send_text("hello");
    world_.poll();
    EXPECT_THAT(events_, ElementsAre("disconnect", "destroyed"));
}

TEST_F(ConnectionTest, an_exception_ends_that_connection_only) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    connection->on_bytes = [](std::string_view) { throw std::runtime_error("broken invariant"); };
    far_end.write("x");
    neighbour_end.write("y");
    world_.poll();
    EXPECT_THAT(world_.reports(), ElementsAre("broken invariant"));
    EXPECT_EQ(far_end.read(), "");
    EXPECT_TRUE(far_end.is_at_end());
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    neighbour_end.write("z");
    world_.poll();
    EXPECT_EQ(events_.back(), "input z");
}

TEST_F(ConnectionTest, a_flood_of_one_client_leaves_room_for_others) {
    auto [far_end, connection] = connect();
    auto [neighbour_end, neighbour] = connect();
    while (far_end.write(std::string(8'000, 'f')) == 8'000) {
    }
    neighbour_end.write("n");
    world_.poll();
    EXPECT_THAT(events_, ::testing::Contains("input n"));
    std::size_t flood = 0;
    for (const std::string& event : events_) flood += event == "input n" ? 0 : event.size() - 6;
    EXPECT_GT(flood, 100'000U) << "and all of the flood is read in the end";
}

TEST_F(ConnectionTest, the_handle_of_a_dead_connection_finds_nothing) {
    auto [far_end, connection] = connect();
    Reactor& reactor = world_.reactor();
    const ConnectionHandle handle = reactor.handle_of(*connection);
    EXPECT_EQ(reactor.find(handle), connection);
    connection->finish();
    EXPECT_EQ(reactor.find(handle), nullptr) << "at once";
    world_.poll();
    auto [other_end, other] = connect();
    EXPECT_EQ(reactor.handle_of(*other).slot, handle.slot);
    EXPECT_EQ(reactor.find(handle), nullptr) << "though its slot is in use again";
    EXPECT_EQ(reactor.find(reactor.handle_of(*other)), other);
    EXPECT_EQ(reactor.find(ConnectionHandle{77, 0}), nullptr);
}

TEST_F(ConnectionTest, close_idle_ends_those_that_wait_for_nothing) {
    auto [a, waiting] = connect();
    auto [b, working] = connect();
    waiting->is_waiting = true;
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    (void)a.read();
    (void)b.read();
    EXPECT_TRUE(a.is_at_end());
    EXPECT_FALSE(b.is_at_end());
}

}  // namespace
}  // namespace fanfare::transport::testing
