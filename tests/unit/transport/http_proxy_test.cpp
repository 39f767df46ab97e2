// SPDX-License-Identifier: MIT
#include "unit/transport/http_client.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace fanfare::transport::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Answers with the client's address.
class PeerRoutes final : public HttpRoutes {
public:
    void on_request(const HttpRequest& request, const HttpResponder& responder) override {
        HttpResponse response;
        response.body = request.peer.to_string() + (request.is_from_proxy ? " by proxy" : "");
        responder.respond(response);
    }

    bool is_websocket_path(std::string_view) const override { return false; }

    std::unique_ptr<MessageSink> open_link(const HttpRequest&, MessageLink&) override {
        throw std::logic_error("no handshake in these tests");
    }
};

class HttpProxyTest : public ::testing::Test {
protected:
    FarEnd connect(const Peer& peer) {
        auto pair = SocketWorld::make_pair();
        world_.adopt(
            pair.fd,
            std::make_unique<HttpConnection>(
                world_.reactor(), Socket{pair.fd, {}}, routes_, max_request_size, peer
            )
        );
        return std::move(pair.far_end);
    }

    std::string ask(FarEnd& client, std::string_view bytes) {
        client.write(bytes);
        world_.poll();
        return client.read();
    }

    static constexpr std::size_t max_request_size = 100;
    const Peer proxy_{IpAddress::parse("10.0.0.1").value(), true, true};
    PeerRoutes routes_;
    SocketWorld world_;
};

const std::string header = "PROXY TCP4 192.0.2.1 10.0.0.1 8080 443\r\n";

TEST_F(HttpProxyTest, without_the_protocol_the_peer_is_who_has_connected) {
    FarEnd client = connect({IpAddress::parse("192.0.2.7").value()});
    EXPECT_THAT(ask(client, get("/")), HasSubstr("\r\n192.0.2.7"));
    FarEnd stranger = connect({});
    EXPECT_THAT(ask(stranger, header + get("/")), StartsWith("HTTP/1.1 400"));
    FarEnd proxy = connect({proxy_.address, true, false});
    EXPECT_THAT(ask(proxy, get("/")), HasSubstr("10.0.0.1 by proxy"));
}

TEST_F(HttpProxyTest, the_header_names_the_peer_of_all_requests) {
    FarEnd client = connect(proxy_);
    const std::string answers = ask(client, header + get("/") + get("/"));
    EXPECT_EQ(count(answers, "192.0.2.1 by proxy"), 2U) << answers;
    EXPECT_THAT(ask(client, get("/")), HasSubstr("192.0.2.1 by proxy"));
}

TEST_F(HttpProxyTest, a_header_that_names_nobody_leaves_the_proxy) {
    FarEnd client = connect(proxy_);
    EXPECT_THAT(ask(client, "PROXY UNKNOWN\r\n" + get("/")), HasSubstr("10.0.0.1 by proxy"));
}

TEST_F(HttpProxyTest, the_header_may_drip_in_and_counts_against_no_limit) {
    FarEnd client = connect(proxy_);
    for (const char c : header) EXPECT_THAT(ask(client, {&c, 1}), IsEmpty());
    const std::string path = "/" + std::string(50, 'x');
    EXPECT_THAT(ask(client, get(path)), HasSubstr("192.0.2.1 by proxy"));
}

TEST_F(HttpProxyTest, a_proxy_that_sends_no_header_is_told_and_cut_off) {
    FarEnd client = connect(proxy_);
    const std::string answer = ask(client, get("/"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(answer, HasSubstr("(proxy_protocol)"));
    EXPECT_TRUE(client.is_at_end());
    EXPECT_EQ(world_.counters().of(Counter::connection_proxy_header), 1U);
}

TEST_F(HttpProxyTest, a_header_that_does_not_come_in_time_ends_the_connection) {
    FarEnd client = connect(proxy_);
    EXPECT_THAT(ask(client, "PROXY TCP4"), IsEmpty());
    world_.pass(std::chrono::seconds{15} + lateness);
    EXPECT_THAT(client.read(), IsEmpty());
    EXPECT_TRUE(client.is_at_end());
}

}  // namespace
}  // namespace fanfare::transport::testing
