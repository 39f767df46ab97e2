// SPDX-License-Identifier: MIT
#include "unit/transport/http_client.hpp"

#include <algorithm>

namespace fanfare::transport::testing {
namespace {

using HttpConnectionTest = HttpTest;

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST_F(HttpConnectionTest, answers_and_keeps_the_connection) {
    FarEnd client = connect();
    const std::string answer = ask(client, get("/a?b=c"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Connection: close")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n<GET /a >"));
    EXPECT_THAT(ask(client, post("/b", "body")), EndsWith("<POST /b body>"));
    EXPECT_FALSE(client.is_at_end());
}

TEST_F(HttpConnectionTest, r095_answers_pipelined_requests_in_their_order) {
    FarEnd client = connect();
    const std::string answers = ask(client, get("/a") + post("/b", "12345") + "\r\n" + get("/c"));
    EXPECT_THAT(routes_.seen, ElementsAre("GET /a ", "POST /b 12345", "GET /c "));
    EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 3U);
    EXPECT_LT(answers.find("/a"), answers.find("/b"));
    EXPECT_LT(answers.find("/b"), answers.find("/c"));
}

TEST_F(HttpConnectionTest, r095_a_request_waits_for_the_answer_to_the_one_before) {
    FarEnd client = connect();
    EXPECT_EQ(ask(client, get("/later") + post("/b", "x") + get("/later")), "");
    EXPECT_EQ(ask(client, get("/d")), "");
    EXPECT_THAT(routes_.seen, ElementsAre("GET /later "));
    routes_.later.at(0)();
    world_.poll();
    const std::string answers = client.read();
    EXPECT_THAT(answers, HasSubstr("<GET /later >HTTP/1.1 200"));
    EXPECT_THAT(answers, EndsWith("<POST /b x>"));
    routes_.later.at(1)();
    routes_.later.at(1)();  // answering twice is answering once
    world_.poll();
    EXPECT_EQ(count(client.read(), "HTTP/1.1"), 2U);
    EXPECT_THAT(routes_.seen, ElementsAre("GET /later ", "POST /b x", "GET /later ", "GET /d "));
}

TEST_F(HttpConnectionTest, a_request_may_have_to_wait_before_it_is_looked_at) {
    FarEnd client = connect();
    EXPECT_EQ(ask(client, post("/wait", "body") + get("/b")), "");
    EXPECT_THAT(routes_.seen, IsEmpty());
    ASSERT_EQ(routes_.waits.size(), 1U);
    routes_.waits[0].proceed();
    world_.poll();
    EXPECT_THAT(routes_.seen, ElementsAre("POST /wait body", "GET /b "));
    EXPECT_EQ(count(client.read(), "HTTP/1.1 200 OK"), 2U);
    routes_.waits[0].proceed();  // nothing waits any more
    world_.poll();
    EXPECT_THAT(ask(client, get("/c")), EndsWith("<GET /c >"));
    EXPECT_EQ(routes_.seen.size(), 3U);
}

TEST_F(HttpConnectionTest, a_client_may_go_while_its_request_waits) {
    FarEnd client = connect();
    ask(client, get("/wait"));
    client.close();
    world_.poll();
    routes_.waits[0].proceed();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
    routes_.waits[0].proceed();
    world_.poll();
}

TEST_F(HttpConnectionTest, an_answer_to_a_client_that_is_gone_is_nothing) {
    FarEnd client = connect();
    ask(client, get("/later"));
    client.close();
    world_.poll();
    routes_.later.at(0)();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
    FarEnd other = connect();  // in the same slot
    routes_.later.at(0)();
    world_.poll();
    EXPECT_EQ(other.read(), "");
}

TEST_F(HttpConnectionTest, r095_reads_a_request_byte_by_byte) {
    FarEnd client = connect();
    const std::string request = post("/a", "one") + get("/b");
    std::string answers;
    for (const char c : request) answers += ask(client, std::string(1, c));
    EXPECT_THAT(routes_.seen, ElementsAre("POST /a one", "GET /b "));
    EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 2U);
}

TEST_F(HttpConnectionTest, r095_reads_chunked_bodies) {
    FarEnd client = connect();
    ask(client,
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" +
            get("/b"));
    EXPECT_THAT(routes_.seen, ElementsAre("POST /a abcde", "GET /b "));
}

TEST_F(HttpConnectionTest, r095_tells_a_client_that_expects_it_to_go_on) {
    FarEnd client = connect();
    EXPECT_EQ(
        ask(client,
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    EXPECT_THAT(ask(client, "ok"), EndsWith("<POST /a ok>"));
}

/// A request of exactly `size` bytes.
std::string request_of(std::size_t size, bool has_body) {
    if (!has_body) {
        const std::size_t shortest = get("/a", "X: \r\n").size();
        return get("/a", "X: " + std::string(size - shortest, 'x') + "\r\n");
    }
    std::string body(size, 'b');
    while (post("/a", body).size() > size) body.pop_back();
    return post("/a", body);
}

TEST_F(HttpConnectionTest, r094_accepts_a_request_of_the_limit_and_refuses_one_byte_more) {
    for (const bool has_body : {false, true}) {
        for (const bool is_bytewise : {false, true}) {
            SCOPED_TRACE(std::to_string(has_body) + std::to_string(is_bytewise));
            const auto answer_to = [&](const std::string& request) {
                FarEnd client = connect();
                if (!is_bytewise) return ask(client, request);
                std::string answers;
                for (const char c : request) answers += ask(client, std::string(1, c));
                return answers;
            };
            const std::string fits = request_of(max_request_size, has_body);
            ASSERT_EQ(fits.size(), max_request_size);
            EXPECT_THAT(answer_to(fits), StartsWith("HTTP/1.1 200 OK"));
            const std::string refusal = answer_to(request_of(max_request_size + 1, has_body));
            EXPECT_THAT(refusal, StartsWith("HTTP/1.1 413 Payload Too Large"));
            EXPECT_THAT(refusal, HasSubstr("the limit is 1000 (max_request_size, REVERB_MAX"));
        }
    }
    EXPECT_THAT(routes_.seen, ::testing::SizeIs(4));
}

TEST_F(HttpConnectionTest, r094_refuses_by_content_length_before_the_body_comes) {
    FarEnd client = connect();
    const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n";
    const std::string answer = ask(client, head);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(answer, HasSubstr("at least " + std::to_string(head.size() + 5'000) + " bytes"));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(client.is_at_end());
}

TEST_F(HttpConnectionTest, r094_bounds_a_chunked_body) {
    FarEnd client = connect();
    std::string request = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i) request += "40\r\n" + std::string(64, 'c') + "\r\n";
    EXPECT_THAT(ask(client, request), StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpConnectionTest, a_malformed_request_gets_400_and_the_end) {
    for (const char* garbage :
         {"\x17\x03\x03 binary\r\n\r\n",
          "GET\r\n\r\n",
          "GET / HTTP/9.9\r\n\r\n",
          "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
        SCOPED_TRACE(garbage);
        FarEnd client = connect();
        EXPECT_THAT(ask(client, garbage), StartsWith("HTTP/1.1 400 Bad Request"));
        EXPECT_TRUE(client.is_at_end());
    }
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpConnectionTest, connection_close_and_http_1_0_end_it_after_the_answer) {
    for (const std::string& request :
         {get("/a", "Connection: close\r\n"), std::string("GET /a HTTP/1.0\r\n\r\n")}) {
        FarEnd client = connect();
        const std::string answer = ask(client, request + get("/b"));
        EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
        EXPECT_THAT(answer, EndsWith("<GET /a >"));
        EXPECT_TRUE(client.is_at_end());
    }
    EXPECT_THAT(routes_.seen, ElementsAre("GET /a ", "GET /a "));
}

TEST_F(HttpConnectionTest, head_gets_the_length_but_not_the_body) {
    FarEnd client = connect();
    const std::string answer = ask(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpConnectionTest, r012_a_websocket_path_without_upgrade_gets_426) {
    FarEnd client = connect();
    const std::string answer = ask(client, get("/app/key"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 Upgrade Required"));
    EXPECT_TRUE(client.is_at_end());
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpConnectionTest, counts_answers_and_bytes) {
    FarEnd client = connect();
    const std::string request = get("/a");
    const std::string answer = ask(client, request + get("/b"));
    const Activity& activity = world_.counters().activity();
    const auto count_of = [&](HttpRoute route, unsigned status) {
        const auto column = std::ranges::find(http_statuses, status) - http_statuses.begin();
        return activity.http_answers.count(
            static_cast<std::size_t>(route), static_cast<std::size_t>(column)
        );
    };
    EXPECT_EQ(count_of(HttpRoute::other, 200), 2U);
    EXPECT_EQ(activity.http.received_bytes.value(), 2 * request.size());
    EXPECT_EQ(activity.http.sent_bytes.value(), answer.size());
    ask(client, get("/app/key"));
    EXPECT_EQ(count_of(HttpRoute::websocket, 426), 1U);
    FarEnd stranger = connect();
    ask(stranger, "nonsense\r\n\r\n");
    EXPECT_EQ(count_of(HttpRoute::other, 400), 1U) << "is refused before it has a route";
    EXPECT_EQ(activity.websocket.received_bytes.value(), 0U);
}

TEST_F(HttpConnectionTest, r011_no_websocket_bytes_follow_a_refused_handshake) {
    FarEnd client = connect();
    const std::string answer =
        ask(client,
            get("/app/key",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
                std::string("\x89\x80\x01\x02\x03\x04", 6));
    EXPECT_EQ(count(answer, "HTTP/1.1"), 1U);
    EXPECT_THAT(answer, EndsWith("Only WebSocket version 13 is supported."));
    EXPECT_TRUE(client.is_at_end());
}

TEST_F(HttpConnectionTest, a_client_that_says_nothing_is_cut_off) {
    FarEnd client = connect();
    world_.pass(14'900ms);
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    world_.pass(100ms + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(HttpConnectionTest, a_slow_request_is_cut_off_however_it_drips) {
    FarEnd client = connect();
    const std::string request = get("/a");
    std::size_t sent = 0;
    for (; sent < request.size() && world_.reactor().connection_count() == 1; ++sent) {
        client.write(request.substr(sent, 1));
        world_.poll();
        world_.pass(2s);
    }
    EXPECT_LE(sent, 9U);
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpConnectionTest, an_idle_connection_outlives_the_pause_of_a_proxy) {
    FarEnd client = connect();
    ask(client, get("/a"));
    world_.pass(70s);
    EXPECT_THAT(ask(client, get("/b")), EndsWith("<GET /b >"));
    world_.pass(75s + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(HttpConnectionTest, a_slow_answer_is_not_the_client_s_fault) {
    FarEnd client = connect();
    ask(client, get("/later"));
    world_.pass(1h);
    routes_.later.at(0)();
    world_.poll();
    EXPECT_THAT(client.read(), EndsWith("<GET /later >"));
}

TEST_F(HttpConnectionTest, a_drain_closes_those_between_two_requests) {
    FarEnd idle = connect();
    FarEnd asking = connect();
    FarEnd writing = connect();
    ask(asking, get("/later"));
    ask(writing, "GET /a HT");
    ask(idle, get("/a"));
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 2U);
    (void)idle.read();
    EXPECT_TRUE(idle.is_at_end());
}

TEST_F(HttpConnectionTest, a_route_that_throws_ends_its_connection_only) {
    FarEnd client = connect();
    FarEnd neighbour = connect();
    EXPECT_EQ(ask(client, get("/throw")), "");
    EXPECT_TRUE(client.is_at_end());
    EXPECT_THAT(world_.reports(), ElementsAre("thrown by a route"));
    EXPECT_THAT(ask(neighbour, get("/a")), EndsWith("<GET /a >"));
}

}  // namespace
}  // namespace fanfare::transport::testing
