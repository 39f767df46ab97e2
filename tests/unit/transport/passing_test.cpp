// SPDX-License-Identifier: MIT
#include "unit/transport/http_client.hpp"
#include "unit/transport/websocket_client.hpp"

#include <unistd.h>

#include <optional>

namespace fanfare::transport::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Phase = Reactor::Phase;

constexpr unsigned text_opcode = 1;
constexpr unsigned ping_opcode = 9;

/// The old process is `world_`, the new one `next_`; they share descriptors as two processes do.
class PassingWebSocket : public WebSocketTest {
protected:
    WebSocketConnection& connection() {
        WebSocketConnection* found = nullptr;
        world_.reactor().for_each([&](Connection& each) {
            found = dynamic_cast<WebSocketConnection*>(&each);
        });
        return *found;
    }

    void pass() {
        world_.reactor().set_phase(Phase::paused);
        auto passed = connection().pass();
        ASSERT_TRUE(passed);
        const int fd = ::dup(passed->fd);
        auto& next =
            next_.adopt(fd, std::make_unique<WebSocketConnection>(next_.reactor(), Socket{fd, {}}));
        next.take_over(
            [this](MessageLink& link) { return next_routes_.open_link({}, link); },
            std::move(*passed)
        );
        world_.reactor().stop();
        next_.poll();
    }

    std::vector<ServerFrame> say_next(Client& client, std::string_view bytes) {
        client.far_end.write(bytes);
        next_.poll();
        return read(client);
    }

    EchoLinks next_routes_;
    SocketWorld next_{100'000};
};

TEST_F(PassingWebSocket, is_not_noticed) {
    auto client = connect();
    pass();
    EXPECT_THAT(say_next(client, frame(text_opcode, "hello")), ElementsAre(text_frame("hello")));
    EXPECT_FALSE(client.far_end.is_at_end());
    EXPECT_EQ(next_.reactor().connection_count(), 1U);
}

TEST_F(PassingWebSocket, keeps_half_a_message) {
    auto client = connect();
    const std::string bytes = fragment(text_opcode, "he") + frame(0, "llo") + frame(1, "next");
    EXPECT_THAT(say(client, bytes.substr(0, 10)), IsEmpty());  // a fragment, and half a header
    pass();
    EXPECT_THAT(
        say_next(client, bytes.substr(10)), ElementsAre(text_frame("hello"), text_frame("next"))
    );
}

TEST_F(PassingWebSocket, keeps_messages_that_wait_for_a_busy_sink) {
    routes_.is_busy_after_message = true;
    auto client = connect();
    const auto both = frame(text_opcode, "one") + frame(text_opcode, "two");
    EXPECT_THAT(say(client, both), ElementsAre(text_frame("one")));
    EXPECT_FALSE(world_.reactor().is_settled());
    client.sink->is_working = false;
    EXPECT_TRUE(world_.reactor().is_settled());
    pass();
    EXPECT_THAT(next_routes_.log, ElementsAre("message two"));
    EXPECT_THAT(read(client), ElementsAre(text_frame("two")));
}

TEST_F(PassingWebSocket, keeps_what_the_client_has_not_taken) {
    auto client = connect();
    std::string expected;
    for (int i = 0; i < 90; ++i) {
        const std::string text(100'000, static_cast<char>('a' + i % 26));
        client.sink->send(text);
        world_.poll();
        if (!client.sink->is_open) break;
        expected += std::string(EncodedFrame(text).wire());
        if (connection().portrait().queued_bytes > 0) break;
    }
    ASSERT_TRUE(client.sink->is_open);
    ASSERT_GT(connection().portrait().queued_bytes, 0U);
    pass();
    next_routes_.last->send("last");
    expected += std::string(EncodedFrame("last").wire());
    std::string got;
    while (got.size() < expected.size()) {
        const std::string bytes = client.far_end.read();
        ASSERT_FALSE(client.far_end.is_at_end());
        got += bytes;
        next_.poll();
    }
    EXPECT_EQ(got == expected, true);
}

TEST_F(PassingWebSocket, keeps_what_came_while_nobody_read) {
    auto client = connect();
    world_.reactor().set_phase(Phase::paused);
    EXPECT_THAT(say(client, frame(text_opcode, "hello")), IsEmpty());
    pass();
    EXPECT_THAT(read(client), ElementsAre(text_frame("hello")));
    EXPECT_THAT(routes_.log, ElementsAre("closed"));  // as the test stops it
    EXPECT_THAT(next_routes_.log, ElementsAre("message hello"));
}

TEST_F(PassingWebSocket, knows_how_a_client_is_pinged_and_what_it_still_owes) {
    auto client = connect();
    say(client, frame(ping_opcode, ""));  // so it understands them
    world_.pass(std::chrono::seconds(61));
    EXPECT_THAT(read(client), ElementsAre(ping_frame("")));
    pass();
    next_.pass(std::chrono::seconds(31));
    EXPECT_THAT(next_routes_.log, ElementsAre("no pong", "closed"));
}

TEST_F(PassingWebSocket, one_that_closes_stays) {
    auto client = connect();
    client.sink->link.close(4000, "bye");
    EXPECT_FALSE(connection().pass());
}

TEST_F(PassingWebSocket, may_be_called_off) {
    auto client = connect();
    world_.reactor().set_phase(Phase::settling);
    world_.reactor().set_phase(Phase::paused);
    EXPECT_TRUE(connection().pass());
    EXPECT_THAT(say(client, frame(text_opcode, "hello")), IsEmpty());
    world_.reactor().set_phase(Phase::running);
    world_.poll();
    EXPECT_THAT(read(client), ElementsAre(text_frame("hello")));
}

class PassingHttp : public HttpTest {
protected:
    std::optional<PassedHttp> passed() {
        std::optional<PassedHttp> found;
        world_.reactor().for_each([&](Connection& each) {
            found = dynamic_cast<HttpConnection&>(each).pass();
        });
        return found;
    }

    void pass() {
        world_.reactor().set_phase(Phase::paused);
        auto found = passed();
        ASSERT_TRUE(found);
        const int fd = ::dup(found->fd);
        next_
            .adopt(
                fd,
                std::make_unique<HttpConnection>(
                    next_.reactor(), Socket{fd, {}}, next_routes_, max_request_size
                )
            )
            .take_over(std::move(*found));
        world_.reactor().stop();
        next_.poll();
    }

    EchoRoutes next_routes_;
    SocketWorld next_;
};

TEST_F(PassingHttp, goes_on_between_two_requests) {
    auto client = connect();
    EXPECT_THAT(ask(client, get("/one")), HasSubstr("<GET /one >"));
    pass();
    client.write(get("/two"));
    next_.poll();
    EXPECT_THAT(client.read(), HasSubstr("<GET /two >"));
    EXPECT_THAT(routes_.seen, ElementsAre("GET /one "));
}

TEST_F(PassingHttp, a_request_that_came_meanwhile_is_answered_once) {
    auto client = connect();
    world_.reactor().set_phase(Phase::settling);
    EXPECT_EQ(ask(client, get("/one")), "");
    pass();
    EXPECT_THAT(client.read(), HasSubstr("<GET /one >"));
    EXPECT_THAT(routes_.seen, IsEmpty());
    EXPECT_THAT(next_routes_.seen, ElementsAre("GET /one "));
}

TEST_F(PassingHttp, a_request_under_way_is_settled_first) {
    auto client = connect();
    EXPECT_EQ(ask(client, "GET /one HTT"), "");
    world_.reactor().set_phase(Phase::settling);
    EXPECT_FALSE(world_.reactor().is_settled());
    EXPECT_FALSE(passed());
    EXPECT_THAT(ask(client, "P/1.1\r\nHost: h\r\n\r\n" + get("/two")), HasSubstr("<GET /one >"));
    EXPECT_TRUE(world_.reactor().is_settled());
    pass();
    EXPECT_THAT(client.read(), HasSubstr("<GET /two >"));
    EXPECT_THAT(next_routes_.seen, ElementsAre("GET /two "));
}

TEST_F(PassingHttp, an_answer_that_is_awaited_is_settled_first) {
    auto client = connect();
    ask(client, get("/later"));
    world_.reactor().set_phase(Phase::settling);
    EXPECT_FALSE(world_.reactor().is_settled());
    routes_.later[0]();
    EXPECT_TRUE(world_.reactor().is_settled());
    pass();
    EXPECT_THAT(client.read(), HasSubstr("<GET /later >"));
}

TEST_F(PassingHttp, settling_may_be_called_off) {
    auto client = connect();
    world_.reactor().set_phase(Phase::settling);
    EXPECT_EQ(ask(client, get("/one")), "");
    world_.reactor().set_phase(Phase::running);
    world_.poll();
    EXPECT_THAT(client.read(), HasSubstr("<GET /one >"));
}

}  // namespace
}  // namespace fanfare::transport::testing
