// SPDX-License-Identifier: MIT
#include "fanfare/transport/tls.hpp"

#include "support/certificates.hpp"
#include "unit/transport/http_client.hpp"
#include "unit/transport/tls_client.hpp"
#include "unit/transport/websocket_client.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <stdexcept>

namespace fanfare::transport::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const fanfare::testing::Certificates& certificates() {
    static const fanfare::testing::Certificates made;
    static const bool are_signed = [] {
        made.sign("server", "DNS:localhost");
        made.sign("other", "DNS:other.test");
        return true;
    }();
    EXPECT_TRUE(are_signed);
    return made;
}

TlsFiles files(const std::string& name) {
    return {certificates().certificate(name), certificates().key(name)};
}

class TlsTest : public ::testing::Test {
protected:
    TlsClient connect(HttpRoutes& routes) { return {world_, connect_plainly(routes)}; }

    /// To the same port.
    FarEnd connect_plainly(HttpRoutes& routes) {
        auto pair = SocketWorld::make_pair();
        Peer peer;
        peer.tls = context_;
        world_.adopt(
            pair.fd,
            std::make_unique<HttpConnection>(
                world_.reactor(), Socket{pair.fd, {}}, routes, max_request_size, peer
            )
        );
        return std::move(pair.far_end);
    }

    std::shared_ptr<const TlsContext> context_ =
        std::make_shared<const TlsContext>(TlsOptions{files("server"), {}, ""});
    EchoRoutes routes_;
    EchoLinks links_;
    SocketWorld world_;
};

TEST_F(TlsTest, requests_are_answered_and_the_connection_is_kept) {
    TlsClient client = connect(routes_);
    EXPECT_THAT(client.say(get("/a")), EndsWith("<GET /a >"));
    EXPECT_THAT(client.say(post("/b", "body")), EndsWith("<POST /b body>"));
    EXPECT_FALSE(client.has_farewell());
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
}

TEST_F(TlsTest, a_handshake_may_drip_in) {
    TlsClient client = connect(routes_);
    client.piece = 1;
    EXPECT_THAT(client.say(get("/a")), EndsWith("<GET /a >"));
}

TEST_F(TlsTest, certificates_may_be_replaced_in_the_midst_of_a_handshake) {
    TlsClient client = connect(routes_);
    const std::string hello = client.take_hello();
    client.write_raw(hello.substr(0, hello.size() / 2));
    context_ = std::make_shared<const TlsContext>(TlsOptions{files("other"), {}, ""});
    client.write_raw(hello.substr(hello.size() / 2));
    EXPECT_THAT(client.say(get("/a")), EndsWith("<GET /a >"));
}

TEST_F(TlsTest, a_large_answer_arrives_whole_however_slowly_it_is_read) {
    for (const std::size_t read_size : {1'000U, 65'536U}) {
        TlsClient client = connect(routes_);
        client.read_size = read_size;
        const std::string answer = client.say(get("/big"));
        const std::size_t head = answer.find("\r\n\r\n") + 4;
        EXPECT_EQ(answer.size() - head, big_size + 2);
        EXPECT_THAT(answer, EndsWith("bbb>"));
    }
}

TEST_F(TlsTest, the_end_is_said_before_the_connection_is_closed) {
    TlsClient client = connect(routes_);
    EXPECT_THAT(client.say(get("/a", "Connection: close\r\n")), EndsWith("<GET /a >"));
    EXPECT_TRUE(client.has_farewell());
}

TEST_F(TlsTest, a_connection_that_is_to_be_closed_sends_all_it_has_first) {
    TlsClient client = connect(routes_);
    client.read_size = 1'000;
    const std::string answer = client.say(get("/big", "Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("bbb>"));
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, big_size + 2);
    EXPECT_TRUE(client.has_farewell());
}

TEST_F(TlsTest, carries_websockets_and_early_messages_too) {
    TlsClient client = connect(links_);
    constexpr unsigned text = 1;
    const std::string bytes = client.say(handshake_request + frame(text, "early"));
    EXPECT_THAT(bytes, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(
        parse_frames(bytes.substr(bytes.find("\r\n\r\n") + 4)), ElementsAre(text_frame("early"))
    );
    // More than one record, and more than one read.
    const std::string large(900, 'l');
    std::string many;
    for (int i = 0; i < 200; ++i) many += frame(text, large);
    EXPECT_EQ(parse_frames(client.say(many)).size(), 200U);
}

TEST_F(TlsTest, garbage_ends_only_that_connection) {
    TlsClient good = connect(routes_);
    good.say(get("/a"));
    {
        TlsClient bad = connect(routes_);
        bad.say(get("/a"));
        bad.write_raw("this is no record of TLS, and never will be");
        TlsClient worse = connect(routes_);
        worse.write_raw("\x16\x03\x01\xff\xffgarbage");
    }
    world_.poll();
    EXPECT_THAT(good.say(get("/b")), EndsWith("<GET /b >"));
    EXPECT_EQ(world_.reactor().connection_count(), 1U);
}

TEST_F(TlsTest, who_speaks_plain_http_is_told_so) {
    FarEnd client = connect_plainly(routes_);
    client.write(get("/a"));
    world_.poll();
    EXPECT_THAT(
        client.read(), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("This port speaks TLS"))
    );
    EXPECT_THAT(routes_.seen, IsEmpty());
}

using PlainPortTest = HttpTest;

TEST_F(PlainPortTest, tls_gets_an_alert) {
    FarEnd client = connect();
    EXPECT_EQ(ask(client, "\x16\x03\x01\x02"), std::string("\x15\x03\x01\x00\x02\x02\x28", 7));
    EXPECT_THAT(routes_.seen, IsEmpty());
}

// ---- files

std::string refusal_of(const TlsOptions& options) {
    try {
        const TlsContext context(options);
        return "none";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(TlsContext, names_the_file_and_what_is_wrong) {
    const TlsFiles server = files("server");
    const TlsFiles other = files("other");
    EXPECT_EQ(refusal_of({server, {other}, server.certificate}), "none");
    EXPECT_THAT(
        refusal_of({{"/nowhere.pem", server.key}, {}, ""}),
        AllOf(StartsWith("/nowhere.pem: "), HasSubstr("expected certificates in PEM"))
    );
    EXPECT_THAT(
        refusal_of({{server.certificate, other.key}, {}, ""}),
        AllOf(
            StartsWith(other.key + ": "), HasSubstr("mismatch"), HasSubstr("expected the private")
        )
    );
    EXPECT_THAT(
        refusal_of({server, {{server.key, server.key}}, ""}), StartsWith(server.key + ": ")
    );
    EXPECT_THAT(refusal_of({server, {}, server.key}), StartsWith(server.key + ": "));
}

}  // namespace
}  // namespace fanfare::transport::testing
