// SPDX-License-Identifier: MIT
#include "unit/transport/http_client.hpp"
#include "unit/transport/websocket_client.hpp"

#include "fanfare/transport/listener.hpp"

#include <netinet/in.h>

namespace fanfare::transport::testing {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// Like a shard that accepts a connection.
class GuestsTest : public HttpTest {
protected:
    GuestsTest() { world_.reactor().limit_guests(3); }

    FarEnd visit() {
        EXPECT_TRUE(world_.reactor().make_room());
        return connect();
    }

    bool is_cut_off(FarEnd& client) {
        world_.poll();
        (void)client.read();
        return client.is_at_end();
    }
};

TEST_F(GuestsTest, the_one_that_has_waited_for_the_longest_gives_way) {
    FarEnd a = visit();
    FarEnd b = visit();
    FarEnd c = visit();
    EXPECT_THAT(ask(a, get("/a")), EndsWith("<GET /a >"));
    FarEnd d = visit();
    EXPECT_TRUE(is_cut_off(b));
    FarEnd e = visit();
    EXPECT_TRUE(is_cut_off(c));
    EXPECT_THAT(ask(a, get("/a")), EndsWith("<GET /a >"));
    EXPECT_THAT(ask(d, get("/d")), EndsWith("<GET /d >"));
    EXPECT_THAT(ask(e, get("/e")), EndsWith("<GET /e >"));
}

TEST_F(GuestsTest, half_a_request_is_no_excuse) {
    FarEnd slow = visit();
    ask(slow, "GET /a HT");
    FarEnd b = visit();
    FarEnd c = visit();
    ask(slow, "TP/1.1\r\n");
    FarEnd d = visit();
    EXPECT_TRUE(is_cut_off(slow));
}

TEST_F(GuestsTest, whoever_is_being_answered_stays) {
    FarEnd a = visit();
    FarEnd b = visit();
    FarEnd c = visit();
    for (FarEnd* client : {&a, &b, &c}) ask(*client, get("/later"));
    EXPECT_FALSE(world_.reactor().make_room());
    routes_.later.at(1)();
    FarEnd d = visit();
    EXPECT_TRUE(is_cut_off(b));
    for (const std::size_t i : {0U, 2U}) routes_.later.at(i)();
    world_.poll();
    EXPECT_THAT(a.read(), EndsWith("<GET /later >"));
    EXPECT_THAT(c.read(), EndsWith("<GET /later >"));
}

TEST_F(GuestsTest, a_lingering_connection_counts_until_its_descriptor_is_closed) {
    FarEnd a = visit();
    FarEnd b = visit();
    FarEnd c = visit();
    for (FarEnd* client : {&a, &b, &c}) ask(*client, get("/a", "Connection: close\r\n"));
    EXPECT_EQ(world_.reactor().connection_count(), 3U);
    FarEnd d = visit();
    world_.poll();
    EXPECT_EQ(world_.reactor().connection_count(), 3U) << "one had to go at once";
}

class WebSocketGuestsTest : public WebSocketTest {
protected:
    WebSocketGuestsTest() { world_.reactor().limit_guests(2); }
};

TEST_F(WebSocketGuestsTest, who_is_admitted_is_a_guest_no_longer) {
    std::vector<Client> clients;
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(world_.reactor().make_room());
        clients.push_back(connect());
    }
    EXPECT_EQ(world_.reactor().connection_count(), 10U);
    EXPECT_THAT(routes_.log, IsEmpty());
}

TEST_F(WebSocketGuestsTest, who_is_turned_away_gives_way_to_others) {
    routes_.refusal = 4100;
    std::vector<Client> clients;
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(world_.reactor().make_room());
        clients.push_back(connect());
    }
    EXPECT_EQ(world_.reactor().connection_count(), 2U);
    (void)clients[2].far_end.read();
    EXPECT_TRUE(clients[2].far_end.is_at_end());
    EXPECT_FALSE(clients[3].far_end.is_at_end());
}

/// A client's TCP connection to a listener on this host.
FarEnd dial(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return FarEnd(fd);
}

TEST_F(GuestsTest, a_listener_leaves_the_next_in_the_queue_and_comes_back_for_it) {
    const int fd = open_listener("127.0.0.1", 0);
    std::vector<std::string> troubles;
    Listener listener(
        world_.reactor(),
        fd,
        [&](int accepted, const IpAddress& peer) {
            EXPECT_EQ(peer.to_string(), "127.0.0.1");
            world_.adopt(
                accepted,
                std::make_unique<HttpConnection>(
                    world_.reactor(), Socket{accepted, {}}, routes_, max_request_size
                )
            );
        },
        [&](std::string_view trouble) { troubles.emplace_back(trouble); }
    );
    std::vector<FarEnd> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(dial(local_port(fd)));
        clients.back().write(get("/later"));
        world_.pass(lateness);
    }
    EXPECT_EQ(routes_.later.size(), 3U);
    clients.push_back(dial(local_port(fd)));
    clients.back().write(get("/late"));
    world_.poll();
    world_.pass(1s);
    EXPECT_EQ(world_.reactor().connection_count(), 3U);
    EXPECT_FALSE(troubles.empty());
    routes_.later.at(0)();
    world_.pass(1s);
    EXPECT_EQ(routes_.seen.back(), "GET /late ");
}

}  // namespace
}  // namespace fanfare::transport::testing
