// SPDX-License-Identifier: MIT
#include "client_world.hpp"
#include "support/certificates.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis::testing {
namespace {

using fanfare::testing::Certificates;
using fanfare::testing::free_port;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ClientLogin, uses_the_unix_socket) {
    const RedisServer server;
    Options options;
    options.endpoints = {{"", 0, server.socket_path()}};
    ClientWorld world(options);

    ASSERT_TRUE(world.come_up()) << world.log();
    EXPECT_THAT(server.ask({"CLIENT", "LIST"}), HasSubstr("addr=" + server.socket_path()));
}

TEST(ClientLogin, a_path_too_long_for_a_socket_is_said) {
    Options options;
    options.endpoints = {{"", 0, "/" + std::string(200, 'x')}};
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("File name too long"));
}

TEST(ClientLogin, resolves_names) {
    const RedisServer server;
    Options options;
    options.endpoints = {{"localhost", server.port(), {}}};
    ClientWorld world(options);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST(ClientLogin, a_name_that_does_not_exist_is_said) {
    Options options;
    options.endpoints = {{"redis.invalid", 6379, {}}};
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(
        world.log(),
        HasSubstr("endpoint=redis.invalid:6379 reason=\"cannot resolve: Host not found")
    );
}

TEST(ClientLogin, selects_the_database) {
    const RedisServer server;
    Options options = options_for(server);
    options.database = 3;
    ClientWorld world(options);

    ASSERT_TRUE(world.come_up()) << world.log();
    world.ask({"SET", "key", "value"});
    EXPECT_THAT(server.ask({"INFO", "keyspace"}), HasSubstr("db3:keys=1"));
}

TEST(ClientLogin, sends_the_password_of_the_default_user) {
    RedisServer server({"requirepass secret"});
    server.use_password("secret");
    Options options = options_for(server);
    options.credentials.password = "secret";
    ClientWorld world(options);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST(ClientLogin, says_that_a_password_is_missing) {
    const RedisServer server({"requirepass secret"});
    ClientWorld world(options_for(server));
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("NOAUTH Authentication required"));
}

TEST(ClientLogin, a_wrong_password_is_tried_until_it_is_right) {
    RedisServer server({"requirepass other"});
    server.use_password("other");
    Options options = options_for(server);
    options.credentials.password = "pass_phrase";
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] {
        return server.ask({"INFO", "commandstats"}).find("cmdstat_auth:") != std::string::npos &&
               world.count_in_log("unreachable") == 1;
    }));
    EXPECT_THAT(
        world.log(), HasSubstr("endpoint=127.0.0.1:" + std::to_string(server.port()) + " reason=")
    );
    EXPECT_THAT(world.log(), HasSubstr("AUTH: WRONGPASS invalid username-password pair"));

    server.ask({"CONFIG", "SET", "requirepass", "pass_phrase"});
    EXPECT_TRUE(world.come_up());
    EXPECT_EQ(world.count_in_log("unreachable"), 1U);  // and not once for each attempt
    EXPECT_THAT(world.log(), Not(HasSubstr("pass_phrase")));
}

TEST(ClientLogin, a_server_that_repeats_the_password_is_not_quoted) {
    const RedisServer server({"rename-command AUTH \"\""});
    Options options = options_for(server);
    options.credentials.password = "pass_phrase";
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("AUTH: refused, in words that contain the password"));
    EXPECT_THAT(world.log(), Not(HasSubstr("pass_phrase")));
}

/// See Credentials.
TEST(ClientLogin, a_user_with_few_rights_suffices) {
    const RedisServer server(
        {"user fanfare on >secret ~* &* -@all +ping +info +script|load +evalsha "
         "+incr +publish +subscribe +unsubscribe"}
    );
    Options options = options_for(server);
    options.credentials = {"fanfare", "secret"};
    ClientWorld world(options);

    ASSERT_TRUE(world.come_up()) << world.log();
    world.client.subscribe("topic");
    ASSERT_TRUE(world.wait_for_event("subscribed topic"));
    world.client.publish("topic", "text", nullptr);
    EXPECT_TRUE(world.wait_for_event("topic: text"));
}

TEST(ClientLogin, a_missing_right_is_said) {
    const RedisServer server({"user fanfare on >secret ~* &* +@all -info"});
    Options options = options_for(server);
    options.credentials = {"fanfare", "secret"};
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("INFO: NOPERM"));
}

TEST(ClientLogin, a_topic_without_rights_is_said) {
    const RedisServer server({"user fanfare on >secret ~* resetchannels &public:* +@all"});
    Options options = options_for(server);
    options.credentials = {"fanfare", "secret"};
    ClientWorld world(options);
    ASSERT_TRUE(world.come_up()) << world.log();

    world.client.subscribe("private");
    ASSERT_TRUE(world.wait_for_event("down"));
    EXPECT_THAT(world.down_reason, HasSubstr("NOPERM"));
}

class ClientTls : public ::testing::Test {
protected:
    ClientTls() {
        certificates_.sign("server", "DNS:redis.test,IP:127.0.0.1");
        certificates_.sign("client", "DNS:client.test");
        server_ = std::make_unique<RedisServer>(std::vector<std::string>{
            "tls-port " + std::to_string(tls_port_),
            "tls-cert-file " + certificates_.certificate("server"),
            "tls-key-file " + certificates_.key("server"),
            "tls-ca-cert-file " + certificates_.authority(),
            "tls-auth-clients optional"});
        options_.endpoints = {{"127.0.0.1", tls_port_, {}}};
        options_.tls.enabled = true;
        options_.tls.ca_file = certificates_.authority();
    }

    std::string failure() const {
        ClientWorld world(options_);
        world.client.start();
        world.wait_for([&] { return world.count_in_log("unreachable") > 0; });
        return world.log();
    }

    Certificates certificates_;
    std::uint16_t tls_port_ = free_port();
    std::unique_ptr<RedisServer> server_;
    Options options_;
};

TEST_F(ClientTls, verifies_the_address) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();

    world.client.subscribe("topic");
    ASSERT_TRUE(world.wait_for_event("subscribed topic"));
    const std::string text(1'000'000, 'x');  // many records
    world.client.publish("topic", text, nullptr);
    EXPECT_TRUE(world.wait_for_event("topic: " + text));
}

TEST_F(ClientTls, verifies_the_configured_name) {
    options_.tls.server_name = "redis.test";
    ClientWorld world(options_);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST_F(ClientTls, refuses_another_name) {
    options_.tls.server_name = "other.test";
    EXPECT_THAT(failure(), HasSubstr("certificate verify failed"));
    EXPECT_THAT(failure(), HasSubstr("hostname mismatch"));
}

TEST_F(ClientTls, refuses_an_unknown_authority) {
    const Certificates others;
    options_.tls.ca_file = others.authority();
    EXPECT_THAT(failure(), HasSubstr("certificate verify failed"));
}

TEST_F(ClientTls, accepts_anything_where_it_shall_not_verify) {
    options_.tls.ca_file.clear();
    options_.tls.server_name = "other.test";
    options_.tls.verify = false;
    ClientWorld world(options_);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST_F(ClientTls, shows_its_own_certificate) {
    server_->ask({"CONFIG", "SET", "tls-auth-clients", "yes"});
    EXPECT_THAT(failure(), HasSubstr("certificate required"));

    options_.tls.certificate_file = certificates_.certificate("client");
    options_.tls.key_file = certificates_.key("client");
    ClientWorld world(options_);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST_F(ClientTls, names_a_file_that_it_cannot_use) {
    options_.tls.ca_file = "/nowhere/ca.pem";
    EXPECT_THAT(failure(), HasSubstr("cannot use /nowhere/ca.pem: No such file"));
}

TEST_F(ClientTls, says_that_the_server_speaks_no_tls) {
    options_.endpoints.front().port = server_->port();
    options_.timeout = 200ms;
    EXPECT_THAT(failure(), HasSubstr("TLS handshake unanswered for 200 ms; is TLS enabled there?"));
}

TEST_F(ClientTls, says_that_the_server_wants_tls) {
    options_.tls.enabled = false;
    EXPECT_THAT(failure(), AnyOf(HasSubstr("closed by the server"), HasSubstr("reset by peer")));
}

}  // namespace
}  // namespace fanfare::redis::testing
