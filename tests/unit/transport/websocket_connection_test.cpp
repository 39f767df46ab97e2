// SPDX-License-Identifier: MIT
#include "unit/transport/websocket_client.hpp"

#include <stdexcept>

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr unsigned text_opcode = 1;
constexpr unsigned binary_opcode = 2;
constexpr unsigned ping_opcode = 9;

using WebSocketConnectionTest = WebSocketTest;

TEST_F(WebSocketConnectionTest, r001_a_handshake_turns_http_into_websocket) {
    auto client = connect();
    EXPECT_TRUE(client.handshake_answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_NE(
        client.handshake_answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        std::string::npos
    );
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    EXPECT_THAT(say(client, frame(text_opcode, "hello")), ElementsAre(text_frame("hello")));
}

TEST_F(WebSocketConnectionTest, early_messages_are_answered_behind_the_handshake) {
    const auto client = connect(frame(text_opcode, "one") + frame(text_opcode, "two"));
    EXPECT_THAT(client.early_answers, ElementsAre(text_frame("one"), text_frame("two")));
}

TEST_F(WebSocketConnectionTest, early_messages_wait_too_while_the_sink_is_busy) {
    routes_.is_busy_after_message = true;
    auto client = connect(frame(text_opcode, "one") + frame(text_opcode, "two"));
    EXPECT_THAT(client.early_answers, ElementsAre(text_frame("one")));
    resume(client);
    EXPECT_THAT(read(client), ElementsAre(text_frame("two")));
}

TEST_F(WebSocketConnectionTest, a_handshake_may_have_to_wait_and_so_do_the_messages_behind_it) {
    routes_.is_to_wait = true;
    auto client = connect(frame(text_opcode, "one"));
    EXPECT_EQ(client.handshake_answer, "");
    say(client, frame(text_opcode, "two"));
    ASSERT_THAT(routes_.waits, SizeIs(1));
    routes_.waits[0].proceed();
    world_.poll();
    const std::string bytes = client.far_end.read();
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 101 "));
    EXPECT_THAT(
        parse_frames(bytes.substr(bytes.find("\r\n\r\n") + 4)),
        ElementsAre(text_frame("one"), text_frame("two"))
    );
}

TEST_F(WebSocketConnectionTest, a_handshake_in_pieces_and_half_a_frame_behind_it_work) {
    auto pair = open_pair();
    const std::string hello = frame(text_opcode, "hello");
    const std::string bytes = handshake_request + hello;
    std::string answer;
    for (const char c : bytes) {
        pair.write(std::string(1, c));
        world_.poll();
        answer += pair.read();
    }
    EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), std::string("\x81\x05hello"));
}

TEST_F(WebSocketConnectionTest, a_link_may_be_refused_while_it_opens) {
    routes_.refusal = 4001;
    auto client = connect(frame(text_opcode, "ignored"));
    EXPECT_THAT(
        client.early_answers, ElementsAre(text_frame("refused"), close_frame(4001, "refused"))
    );
    EXPECT_FALSE(client.far_end.is_at_end());
    say(client, frame(8, close_frame(4001, "").payload));
    EXPECT_TRUE(client.far_end.is_at_end());
    EXPECT_THAT(routes_.log, IsEmpty());
}

TEST_F(WebSocketConnectionTest, r023_a_binary_message_is_a_message) {
    auto client = connect();
    EXPECT_THAT(say(client, frame(binary_opcode, "{}")), ElementsAre(text_frame("{}")));
}

TEST_F(WebSocketConnectionTest, r022_a_message_one_byte_over_the_limit_is_closed_with_1009) {
    auto client = connect();
    const std::string longest(routes_.max_message_size, 'm');
    EXPECT_THAT(say(client, frame(text_opcode, longest)), ElementsAre(text_frame(longest)));
    EXPECT_THAT(
        say(client, fragment(text_opcode, "m") + frame(0, longest)),
        ElementsAre(::testing::Field(&ServerFrame::payload, ::testing::StartsWith("\x03\xf1")))
    );
    EXPECT_TRUE(client.far_end.is_at_end());
}

TEST_F(WebSocketConnectionTest, r021_bytes_that_are_no_websocket_are_closed_with_1002) {
    auto client = connect();
    const auto answer = say(client, "GET / HTTP/1.1\r\n\r\n");
    ASSERT_THAT(answer, SizeIs(1));
    EXPECT_EQ(answer[0].payload.substr(0, 2), "\x03\xea");
    EXPECT_TRUE(client.far_end.is_at_end());
    EXPECT_THAT(routes_.log, ElementsAre("closed"));
}

TEST_F(WebSocketConnectionTest, r017_a_ping_is_echoed_between_fragments_too) {
    auto client = connect();
    const auto answers =
        say(client,
            fragment(text_opcode, "hel") + frame(ping_opcode, "p1") + frame(0, "lo") +
                frame(ping_opcode, ""));
    EXPECT_THAT(answers, ElementsAre(pong_frame("p1"), text_frame("hello"), pong_frame("")));
}

TEST_F(WebSocketConnectionTest, a_busy_sink_gets_its_messages_later_and_in_order) {
    routes_.is_busy_after_message = true;
    auto client = connect();
    EXPECT_THAT(
        say(client, frame(text_opcode, "1") + frame(text_opcode, "2") + frame(text_opcode, "3")),
        ElementsAre(text_frame("1"))
    );
    EXPECT_THAT(say(client, frame(text_opcode, "4")), IsEmpty()) << "this one is not even read";
    for (const char* expected : {"2", "3", "4"}) {
        resume(client);
        EXPECT_THAT(read(client), ElementsAre(text_frame(expected)));
    }
    resume(client);
    EXPECT_THAT(say(client, frame(text_opcode, "5")), ElementsAre(text_frame("5")));
}

TEST_F(WebSocketConnectionTest, a_sink_that_resumes_while_it_is_called_misses_nothing) {
    routes_.resumes_at_once = true;
    auto client = connect();
    EXPECT_THAT(
        say(client, frame(text_opcode, "1") + frame(text_opcode, "2")),
        ElementsAre(text_frame("1"), text_frame("2"))
    );
}

TEST_F(WebSocketConnectionTest, a_client_that_goes_while_the_sink_is_busy_is_noticed_on_resume) {
    routes_.is_busy_after_message = true;
    auto client = connect();
    say(client, frame(text_opcode, "1"));
    client.far_end.close();
    world_.poll();
    EXPECT_THAT(routes_.log, ElementsAre("message 1"));
    resume(client);
    EXPECT_THAT(routes_.log, ElementsAre("message 1", "closed"));
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(WebSocketConnectionTest, r049_the_end_of_the_stream_is_told_once) {
    auto client = connect();
    client.far_end.close();
    world_.poll();
    EXPECT_THAT(routes_.log, ElementsAre("closed"));
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(WebSocketConnectionTest, r024_a_close_of_the_client_is_echoed_and_the_server_ends_first) {
    for (const auto& [sent, echoed] : std::vector<std::pair<std::string, ServerFrame>>{
             {"", close_frame(1000, "")},
             {close_frame(1001, "going away").payload, close_frame(1001, "going away")},
             {close_frame(4321, "").payload, close_frame(4321, "")}}) {
        routes_.log.clear();
        auto client = connect();
        EXPECT_THAT(
            say(client, frame(8, sent) + frame(text_opcode, "ignored")), ElementsAre(echoed)
        );
        EXPECT_TRUE(client.far_end.is_at_end());
        EXPECT_THAT(routes_.log, ElementsAre("closed"));
        client.far_end.close();
        world_.poll();
        EXPECT_EQ(world_.reactor().connection_count(), 0U);
        EXPECT_THAT(routes_.log, ElementsAre("closed"));
    }
}

TEST_F(WebSocketConnectionTest, our_close_waits_for_that_of_the_client) {
    auto client = connect();
    client.sink->link.close(4200, "Server closed. Please reconnect shortly.");
    client.sink->link.close(4100, "a second close is none");
    world_.poll();
    EXPECT_THAT(routes_.log, ElementsAre("closed")) << "told at once";
    EXPECT_THAT(
        read(client), ElementsAre(close_frame(4200, "Server closed. Please reconnect shortly."))
    );
    EXPECT_FALSE(client.far_end.is_at_end());
    EXPECT_THAT(say(client, frame(text_opcode, "x") + frame(ping_opcode, "y")), IsEmpty())
        << "what else comes is thrown away";
    EXPECT_THAT(say(client, frame(8, close_frame(4200, "").payload)), IsEmpty());
    EXPECT_TRUE(client.far_end.is_at_end());
    client.far_end.close();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
    EXPECT_THAT(routes_.log, ElementsAre("closed"));
}

TEST_F(WebSocketConnectionTest, r013_what_was_queued_leaves_before_our_close) {
    auto client = connect();
    client.sink->send("error");
    client.sink->link.close(4009, std::string(200, 'r'));
    world_.poll();
    EXPECT_THAT(
        read(client), ElementsAre(text_frame("error"), close_frame(4009, std::string(123, 'r')))
    );
}

TEST_F(WebSocketConnectionTest, a_client_that_does_not_answer_our_close_is_cut_off) {
    auto client = connect();
    client.sink->link.close(4200, "bye");
    world_.pass(9'900ms);
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    say(client, frame(text_opcode, "talking on does not help"));
    world_.pass(100ms + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(WebSocketConnectionTest, r026_a_slow_reader_gets_a_whole_frame_then_the_reason) {
    auto client = connect();
    const std::string event(20'000, 'e');
    std::size_t sends = 0;
    for (; client.sink->is_open && sends < 1'000; ++sends) {
        client.sink->send(event);
        world_.poll();
    }
    EXPECT_THAT(routes_.log, ElementsAre("backlog full", "closed"));
    std::vector<ServerFrame> frames;
    std::string bytes;
    for (int i = 0; i < 1'000; ++i) {
        const std::string more = client.far_end.read();
        if (more.empty()) break;
        bytes += more;
        world_.poll();
    }
    frames = parse_frames(bytes);
    ASSERT_GT(frames.size(), 2U);
    EXPECT_LT(frames.size(), sends);
    EXPECT_EQ(frames.back(), close_frame(4100, "Over capacity"));
    frames.pop_back();
    EXPECT_EQ(frames.back(), text_frame("error 4100"));
    frames.pop_back();
    for (const ServerFrame& whole : frames) EXPECT_EQ(whole, text_frame(event));
    say(client, frame(8, close_frame(4100, "").payload));
    EXPECT_TRUE(client.far_end.is_at_end());
}

TEST_F(WebSocketConnectionTest, r026_a_slow_reader_that_never_reads_is_cut_off) {
    auto client = connect();
    for (int i = 0; client.sink->is_open && i < 1'000; ++i) {
        client.sink->send(std::string(20'000, 'e'));
        world_.poll();
    }
    world_.pass(10s + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(WebSocketConnectionTest, an_exception_in_a_sink_ends_its_connection_only) {
    auto client = connect();
    auto neighbour = connect();
    EXPECT_THAT(say(client, frame(text_opcode, "throw")), IsEmpty());
    EXPECT_TRUE(client.far_end.is_at_end());
    EXPECT_THAT(world_.reports(), ElementsAre("thrown by the sink"));
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    EXPECT_THAT(routes_.log, ElementsAre("message throw", "closed"));
    EXPECT_THAT(say(neighbour, frame(text_opcode, "hi")), ElementsAre(text_frame("hi")));
}

TEST_F(WebSocketConnectionTest, r018_a_silent_client_is_pinged_then_given_up) {
    auto client = connect();
    world_.pass(59'900ms);
    EXPECT_THAT(routes_.log, IsEmpty());
    world_.pass(100ms + lateness);
    EXPECT_THAT(routes_.log, ElementsAre("silence"));
    EXPECT_THAT(read(client), ElementsAre(text_frame("ping")));
    world_.pass(29'900ms);
    EXPECT_THAT(routes_.log, ElementsAre("silence"));
    world_.pass(100ms + lateness);
    EXPECT_THAT(routes_.log, ElementsAre("silence", "no pong", "closed"));
    EXPECT_THAT(read(client), ElementsAre(close_frame(4201, "no pong")));
}

TEST_F(WebSocketConnectionTest, r020_whatever_the_client_sends_is_life) {
    auto client = connect();
    for (const std::string& bytes :
         {frame(text_opcode, "x"),
          frame(ping_opcode, ""),
          frame(10, ""),
          fragment(text_opcode, "a"),
          frame(0, "b").substr(0, 3)}) {
        world_.pass(59s);
        say(client, bytes);
    }
    world_.pass(59s);
    EXPECT_THAT(routes_.log, ElementsAre("message x"));
    world_.pass(1s + lateness);
    EXPECT_THAT(routes_.log, ElementsAre("message x", "silence"));
}

TEST_F(WebSocketConnectionTest, r020_an_answer_to_the_ping_begins_a_new_interval) {
    auto client = connect();
    for (int i = 0; i < 3; ++i) {
        routes_.log.clear();
        world_.pass(60s + lateness);
        EXPECT_THAT(routes_.log, ElementsAre("silence"));
        world_.pass(29s);
        say(client, frame(text_opcode, "pong"));
        // The pong timer is armed still; the wheel asks again then.
        world_.pass(59s);
        EXPECT_THAT(routes_.log, ElementsAre("silence", "message pong"));
        world_.pass(500ms);
    }
}

TEST_F(WebSocketConnectionTest, r019_a_client_that_used_control_frames_gets_a_ping_frame) {
    for (const unsigned opcode : {9U, 10U}) {
        auto client = connect();
        say(client, frame(opcode, "x"));
        world_.pass(60s + lateness);
        EXPECT_THAT(read(client), ElementsAre(ping_frame()));
        say(client, frame(10, ""));
        world_.pass(59s);
        EXPECT_THAT(read(client), IsEmpty());
    }
}

TEST_F(WebSocketConnectionTest, what_is_sent_does_not_count_as_life_of_the_client) {
    auto client = connect();
    for (int i = 0; i < 5; ++i) {
        client.sink->send("event");
        world_.pass(12s);
    }
    world_.pass(lateness);
    EXPECT_THAT(routes_.log, ElementsAre("silence"));
}

}  // namespace
}  // namespace fanfare::transport::testing
