// SPDX-License-Identifier: MIT
#include "unit/transport/http_client.hpp"

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class HttpLimitsTest : public HttpTest {
protected:
    /// What comes while the client reads and the server sends, in turns.
    std::string read_all(FarEnd& client) {
        std::string all;
        for (std::size_t before = 1; all.size() != before;) {
            before = all.size();
            all += client.read();
            world_.poll();
        }
        return all;
    }

    std::string ask_bytewise(FarEnd& client, std::string_view request) {
        std::string answers;
        for (const char c : request) answers += ask(client, std::string(1, c));
        return answers;
    }
};

const std::string chunked = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(HttpLimitsTest, r094_counts_what_chunks_add_to_a_request) {
    const auto in_chunks = [](std::size_t size) {
        const std::string head = chunked + "1;x=";
        const std::string tail = "\r\na\r\n0\r\nX-Trailer: t\r\n\r\n";
        return head + std::string(size - head.size() - tail.size(), 'x') + tail;
    };
    for (const bool is_bytewise : {false, true}) {
        const auto answer_to = [&](const std::string& request) {
            FarEnd client = connect();
            return is_bytewise ? ask_bytewise(client, request) : ask(client, request);
        };
        EXPECT_THAT(answer_to(in_chunks(max_request_size)), EndsWith("<POST /a a>"));
        EXPECT_THAT(answer_to(in_chunks(max_request_size + 1)), StartsWith("HTTP/1.1 413"));
    }
}

TEST_F(HttpLimitsTest, r094_refuses_what_never_ends_outside_of_the_body) {
    const std::string long_text(2'000, 'x');
    for (const std::string& endless :
         {chunked + "1;ext=" + long_text,
          chunked + "0\r\nTrailer: " + long_text,
          chunked + std::string(2'000, '0'),
          "GET /" + long_text,
          "GET / HTTP/1.1\r\nX: " + long_text}) {
        SCOPED_TRACE(endless.substr(0, 70));
        FarEnd client = connect();
        EXPECT_THAT(ask(client, endless), StartsWith("HTTP/1.1 4"));
        EXPECT_TRUE(client.is_at_end());
    }
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpLimitsTest, an_answer_is_not_bounded_by_the_backlog) {
    for (const char* headers : {"", "Connection: close\r\n"}) {
        FarEnd client = connect();
        client.write(get("/big", headers));
        world_.poll();
        const std::string answer = read_all(client);
        EXPECT_EQ(answer.size(), answer.find("\r\n\r\n") + 4 + big_size + 2);
    }
}

TEST_F(HttpLimitsTest, the_next_request_waits_until_the_last_answer_is_taken) {
    FarEnd client = connect();
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += get("/big");
    EXPECT_EQ(client.write(requests), requests.size());
    world_.poll();
    EXPECT_THAT(routes_.seen, SizeIs(1));
    EXPECT_EQ(count(read_all(client), "HTTP/1.1 200 OK"), 20U);
    EXPECT_THAT(routes_.seen, SizeIs(20));
}

TEST_F(HttpLimitsTest, a_flood_of_requests_leaves_room_for_others) {
    FarEnd flooding = connect();
    FarEnd neighbour = connect();
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += get("/a");
    EXPECT_EQ(flooding.write(requests), requests.size());
    neighbour.write(get("/n"));
    world_.poll();
    ASSERT_THAT(routes_.seen, SizeIs(201));
    const auto found = std::ranges::find(routes_.seen, "GET /n ");
    EXPECT_LT(found - routes_.seen.begin(), 50);
}

TEST_F(HttpLimitsTest, who_does_not_take_the_answer_is_cut_off) {
    FarEnd client = connect();
    client.write(get("/big"));
    world_.poll();
    world_.pass(74s);
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
    world_.pass(1s + lateness);
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(HttpLimitsTest, who_takes_the_answer_slowly_is_not) {
    FarEnd client = connect();
    client.write(get("/big"));
    world_.poll();
    std::string got;
    for (int i = 0; i < 6; ++i) {
        world_.pass(60s);
        got += client.read_once();
        world_.poll();
    }
    got += read_all(client);
    EXPECT_EQ(got.size(), got.find("\r\n\r\n") + 4 + big_size + 2);
}

TEST_F(HttpLimitsTest, r095_a_client_that_stops_sending_after_its_request_gets_the_answer) {
    for (const char* path : {"/a", "/later", "/big"}) {
        SCOPED_TRACE(path);
        FarEnd client = connect();
        client.write(get("/first") + get(path));
        client.shut_down_sending();
        world_.poll();
        if (!routes_.later.empty()) std::exchange(routes_.later, {}).at(0)();
        world_.poll();
        const std::string answers = read_all(client);
        EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 2U);
        EXPECT_THAT(answers, EndsWith(">"));
        EXPECT_TRUE(client.is_at_end());
        EXPECT_EQ(world_.reactor().connection_count(), 0U);
    }
}

TEST_F(HttpLimitsTest, a_drain_lets_an_answer_leave) {
    FarEnd client = connect();
    client.write(get("/big"));
    world_.poll();
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_THAT(read_all(client), EndsWith(">"));
    world_.reactor().close_idle();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 0U);
}

TEST_F(HttpLimitsTest, a_refused_request_after_head_has_its_reason) {
    FarEnd client = connect();
    const std::string answers = ask(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n");
    EXPECT_EQ(count(answers, "HTTP/1.1 "), 2U);
    EXPECT_THAT(answers, HasSubstr("Malformed HTTP request"));
}

TEST_F(HttpLimitsTest, a_refused_head_request_has_no_body) {
    FarEnd client = connect();
    const std::string head = "HEAD /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n";
    EXPECT_THAT(ask(client, head), EndsWith("\r\n\r\n"));
}

TEST_F(HttpLimitsTest, an_unknown_transfer_encoding_gets_501_and_the_end) {
    for (const char* encoding : {"gzip", "gzip, chunked", "chunked, gzip", "identity"}) {
        SCOPED_TRACE(encoding);
        FarEnd client = connect();
        const std::string answer =
            ask(client,
                "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + std::string(encoding) +
                    "\r\n\r\n0\r\n\r\n" + get("/smuggled"));
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 501 Not Implemented"));
        EXPECT_EQ(count(answer, "HTTP/1.1"), 1U);
        EXPECT_TRUE(client.is_at_end());
    }
    EXPECT_THAT(routes_.seen, IsEmpty());
}

TEST_F(HttpLimitsTest, an_http_1_0_client_that_asks_for_it_is_told_that_the_connection_stays) {
    FarEnd client = connect();
    const std::string request = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_THAT(ask(client, request), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(ask(client, get("/b")), Not(HasSubstr("\r\nConnection:")));
    EXPECT_FALSE(client.is_at_end());
    EXPECT_THAT(routes_.seen, ElementsAre("GET /a ", "GET /b "));
}

TEST_F(HttpLimitsTest, no_content_has_neither_length_nor_type) {
    FarEnd client = connect();
    const std::string answer = ask(client, get("/nothing"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Content-")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
    EXPECT_THAT(ask(client, get("/b")), EndsWith("<GET /b >"));
}

}  // namespace
}  // namespace fanfare::transport::testing
