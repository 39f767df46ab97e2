// SPDX-License-Identifier: MIT
#include "unit/transport/websocket_client.hpp"

namespace fanfare::transport::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr unsigned text_opcode = 1;
constexpr unsigned ping_opcode = 9;

/// Clients that ask for more than their share, and those that hardly read. The backlog's bound is
/// 100,000 bytes.
class WebSocketLimitsTest : public WebSocketTest {
protected:
    std::vector<ServerFrame> read_all(Client& client) {
        std::string all;
        for (std::size_t before = 1; all.size() != before;) {
            before = all.size();
            all += client.far_end.read();
            world_.poll();
        }
        return parse_frames(all);
    }

    /// Fills the client's socket, and then the backlog: the next turn would tell the sink.
    void fill(Client& client) {
        client.sink->send(std::string(300'000, 'b'));
        world_.poll();
        client.sink->send(std::string(101'000, 'e'));
        ASSERT_THAT(routes_.log, IsEmpty());
    }
};

TEST_F(WebSocketLimitsTest, a_flood_of_small_messages_leaves_room_for_others) {
    auto flooding = connect();
    auto neighbour = connect();
    std::string flood;
    for (int i = 0; i < 2'000; ++i) flood += frame(text_opcode, std::to_string(i));
    ASSERT_EQ(flooding.far_end.write(flood), flood.size());
    neighbour.far_end.write(frame(text_opcode, "n"));
    world_.poll();
    ASSERT_THAT(routes_.log, SizeIs(2'001));
    const auto found = std::ranges::find(routes_.log, "message n");
    EXPECT_LT(found - routes_.log.begin(), 100);
    routes_.log.erase(found);
    for (std::size_t i = 0; i < routes_.log.size(); ++i) {
        ASSERT_EQ(routes_.log[i], "message " + std::to_string(i));
    }
}

TEST_F(WebSocketLimitsTest, a_flood_that_goes_on_is_read_no_faster_than_it_is_handled) {
    auto client = connect();
    std::string sent;
    for (int i = 0; i < 20'000; ++i) sent += frame(ping_opcode, "");
    std::string_view rest = sent;
    std::size_t answers = 0;
    while (!rest.empty()) {
        rest.remove_prefix(client.far_end.write(rest.substr(0, 50'000)));
        world_.poll();
        answers += read(client).size();
    }
    EXPECT_EQ(answers + read_all(client).size(), 20'000U);
}

TEST_F(WebSocketLimitsTest, messages_before_the_end_of_the_stream_are_all_handled) {
    auto client = connect();
    std::string flood;
    for (int i = 0; i < 500; ++i) flood += frame(text_opcode, "x");
    client.far_end.write(flood);
    client.far_end.shut_down_sending();
    world_.poll();
    EXPECT_THAT(routes_.log, SizeIs(501)) << "with the closed one";
    EXPECT_THAT(read(client), SizeIs(500));
}

TEST_F(WebSocketLimitsTest, r026_a_client_that_does_not_read_its_answers_is_not_asked_for_more) {
    auto client = connect();
    const std::string message = frame(text_opcode, std::string(1'000, 'q'));
    std::size_t sent = 0;
    for (int i = 0; i < 2'000; ++i) {
        sent += client.far_end.write(message) == message.size() ? 1 : 0;
        world_.poll();
    }
    ASSERT_LT(sent, 2'000U) << "in the end its own socket is full";
    EXPECT_TRUE(client.sink->is_open);
    EXPECT_THAT(read_all(client), SizeIs(sent));
    EXPECT_THAT(say(client, frame(text_opcode, "hi")), ::testing::ElementsAre(text_frame("hi")));
}

TEST_F(WebSocketLimitsTest, r026_a_frame_above_the_bound_reaches_a_client_that_reads) {
    auto client = connect();
    client.sink->send(std::string(700'000, 'p'));
    client.sink->send("after it");
    world_.poll();
    const auto frames = read_all(client);
    ASSERT_THAT(frames, SizeIs(2));
    EXPECT_EQ(frames[0].payload.size(), 700'000U);
    EXPECT_EQ(frames[1], text_frame("after it"));
    EXPECT_TRUE(client.sink->is_open);
}

TEST_F(WebSocketLimitsTest, r013_our_close_passes_a_full_backlog) {
    auto client = connect();
    fill(client);
    client.sink->link.close(4200, "bye");
    world_.poll();
    EXPECT_THAT(routes_.log, ::testing::ElementsAre("closed"));
    EXPECT_EQ(read_all(client).back(), close_frame(4200, "bye"));
}

TEST_F(WebSocketLimitsTest, a_client_that_never_reads_our_close_is_cut_off_even_so) {
    auto client = connect();
    fill(client);
    client.sink->link.close(4200, "bye");
    world_.pass(10s + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(WebSocketLimitsTest, a_connection_header_may_be_given_twice) {
    std::string request = handshake_request;
    const std::string once = "Connection: Upgrade\r\n";
    request.replace(request.find(once), once.size(), "Connection: keep-alive\r\n" + once);
    auto far_end = open_pair();
    far_end.write(request);
    world_.poll();
    EXPECT_TRUE(far_end.read().starts_with("HTTP/1.1 101 "));
}

}  // namespace
}  // namespace fanfare::transport::testing
