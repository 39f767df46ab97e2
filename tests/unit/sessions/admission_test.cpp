// SPDX-License-Identifier: MIT
#include "fanfare/sessions/admission.hpp"

#include "support/session_world.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class AdmissionTest : public ::testing::Test {
protected:
    /// Whoever is admitted stays.
    FakeLink& knock(const Knock& knock) {
        Client& client = *clients_.emplace_back(std::make_unique<Client>());
        client.session = admission_.admit(knock, client.link);
        client.link.sink = client.session.get();
        EXPECT_EQ(client.session == nullptr, client.link.closed.has_value());
        return client.link;
    }

    void expect_refusal(const Knock& visitor, std::uint16_t code, const std::string& text) {
        const FakeLink& link = knock(visitor);
        EXPECT_THAT(link.sent, ElementsAre(error_text(code, text)));
        EXPECT_EQ(link.closed, (FakeLink::Close{code, text}));
        EXPECT_EQ(link.sent_after_close, 0U);
    }

    void expect_welcome(const Knock& visitor) {
        const FakeLink& link = knock(visitor);
        EXPECT_FALSE(link.closed);
        ASSERT_EQ(link.sent.size(), 1U);
        EXPECT_THAT(link.sent[0], HasSubstr("pusher:connection_established"));
    }

    static Knock by(std::string_view key) {
        Knock visitor;
        visitor.app_key = key;
        return visitor;
    }

    /// At an address of its own for each number.
    static Knock from(std::uint32_t number, Knock visitor) {
        visitor.address =
            IpAddress(IpAddress::V4Bytes{10, 0, 0, static_cast<std::uint8_t>(number)});
        return visitor;
    }

    static Knock with_protocol(std::string_view protocol) {
        Knock visitor = by(app_key);
        visitor.protocol = protocol;
        visitor.has_protocol = true;
        return visitor;
    }

    SessionWorld world_;
    std::uint64_t next_random_ = 7;
    std::uint32_t capacity_ = 100;
    static constexpr std::uint32_t max_per_address = 50;
    Admission admission_{
        world_.context(),
        world_.apps(),
        [this] { return next_random_; },
        {world_.node(), capacity_, world_.addresses(), max_per_address}};
    std::vector<std::unique_ptr<Client>> clients_;
};

TEST_F(AdmissionTest, welcomes_a_client_under_a_random_socket_id) {
    next_random_ = 41 * 1'000'000'000ULL + 6;
    EXPECT_THAT(
        knock(by(app_key)).sent,
        ElementsAre(R"({"event":"pusher:connection_established","data":)"
                    R"("{\"socket_id\":\"42.7\",\"activity_timeout\":30}"})")
    );
    EXPECT_EQ(world_.node().open, 1U);
    EXPECT_EQ(world_.connections_of_app().open, 1U);
    clients_.clear();
    EXPECT_EQ(world_.node().open, 0U);
    EXPECT_EQ(world_.connections_of_app().open, 0U);
}

TEST_F(AdmissionTest, r007_refuses_an_unknown_key) {
    for (const char* key : {"", "unknown", "278d425bdf160c73980", "278D425BDF160C739803"}) {
        expect_refusal(by(key), 4001, "Application does not exist");
    }
}

TEST_F(AdmissionTest, r006_accepts_protocols_4_to_7_and_none) {
    expect_welcome(by(app_key));
    for (const char* protocol : {"4", "5", "6", "7"}) expect_welcome(with_protocol(protocol));
    for (const char* protocol : {"3", "8", "99", "0", "-1", "99999999999999999999"}) {
        SCOPED_TRACE(protocol);
        expect_refusal(with_protocol(protocol), 4007, "Unsupported protocol version");
    }
    for (const char* protocol : {"abc", "", "7.0", "7a", " 7", "+7", "0x7"}) {
        SCOPED_TRACE(protocol);
        expect_refusal(with_protocol(protocol), 4006, "Invalid version string format");
    }
}

TEST_F(AdmissionTest, r008_refuses_an_origin_that_is_not_allowed) {
    world_.settings().allowed_origins = {"laravel.com"};
    Knock visitor = by(app_key);
    expect_refusal(visitor, 4009, "Origin not allowed");
    visitor.origin = "https://evil.com";
    expect_refusal(visitor, 4009, "Origin not allowed");
    visitor.origin = "https://laravel.com";
    expect_welcome(visitor);
}

TEST_F(AdmissionTest, an_app_for_tls_only_wants_a_secure_connection) {
    world_.settings().tls_only = true;
    Knock visitor = by(app_key);
    expect_refusal(
        visitor, 4000, "Application only accepts SSL connections, reconnect using wss://"
    );
    visitor.is_secure = true;
    expect_welcome(visitor);
    world_.settings().tls_only = false;
    expect_welcome(visitor);
}

TEST_F(AdmissionTest, r010_counts_connections_against_the_quota_of_their_app) {
    world_.settings().max_connections = 2;
    expect_welcome(by(app_key));
    expect_welcome(by(app_key));
    expect_refusal(by(app_key), 4004, "Application is over connection quota");
    EXPECT_EQ(world_.node().open, 2U) << "a refused one gives its place back";
    EXPECT_EQ(world_.connections_of_app().open, 2U);
    expect_welcome(by("other-key"));
    clients_.front()->session->on_closed();
    expect_welcome(by(app_key));
}

TEST_F(AdmissionTest, refuses_whom_the_node_has_no_room_for) {
    for (std::uint32_t i = 0; i < capacity_; ++i) {
        expect_welcome(from(i, by(i % 2 == 0 ? app_key : std::string_view("other-key"))));
    }
    expect_refusal(by(app_key), 4100, "Over capacity");
    EXPECT_EQ(world_.connections_of_app().open, capacity_ / 2);
    clients_.front()->session->on_closed();
    expect_refusal(by("other-key"), 4100, "Over capacity");
    clients_.front()->session.reset();
    expect_welcome(by("other-key"));
}

TEST_F(AdmissionTest, refuses_an_address_that_has_its_share) {
    for (std::uint32_t i = 0; i < max_per_address; ++i) {
        expect_welcome(from(1, by(i % 2 == 0 ? app_key : std::string_view("other-key"))));
    }
    expect_refusal(from(1, by(app_key)), 4100, "Too many connections from your address.");
    EXPECT_EQ(world_.counters().of(Counter::connection_over_address_limit), 1U);
    EXPECT_EQ(world_.node().open, max_per_address) << "a refused one gives its place back";
    expect_welcome(from(2, by(app_key)));
    clients_.front()->session->on_closed();
    expect_welcome(from(1, by(app_key)));
    clients_.clear();
    EXPECT_EQ(world_.addresses().size(), 0U);
}

TEST_F(AdmissionTest, without_a_limit_addresses_are_not_counted) {
    Admission open_door{
        world_.context(),
        world_.apps(),
        [] { return 7; },
        {world_.node(), capacity_, world_.addresses(), 0}};
    Client client;
    client.session = open_door.admit(from(1, by(app_key)), client.link);
    EXPECT_NE(client.session, nullptr);
    EXPECT_EQ(world_.addresses().size(), 0U);
}

TEST_F(AdmissionTest, welcomes_a_client_with_a_previous_key) {
    auto settings = std::make_shared<config::AppSettings>(world_.settings());
    settings->previous_keys = {"old-key:old-secret"};
    world_.apps().set(0, settings);
    expect_welcome(by("old-key"));
}

TEST_F(AdmissionTest, checks_in_the_order_of_the_specification) {
    config::AppSettings& settings = world_.settings();
    settings.enabled = false;
    settings.tls_only = true;
    settings.allowed_origins = {"laravel.com"};
    settings.max_connections = 0;
    world_.node().open = capacity_;
    Knock visitor = with_protocol("abc");
    visitor.app_key = "unknown";
    visitor.origin = "https://evil.com";

    const struct {
        int code;
        Counter counter;
        std::function<void()> mend;
    } steps[] = {
        {4001, Counter::connection_unknown_app, [&] { visitor.app_key = app_key; }},
        {4003, Counter::connection_app_disabled, [&] { settings.enabled = true; }},
        {4000, Counter::connection_not_secure, [&] { visitor.is_secure = true; }},
        {4006, Counter::connection_protocol_version, [&] { visitor.protocol = "7"; }},
        {4009, Counter::connection_origin, [&] { visitor.origin = "https://laravel.com"; }},
        {4100, Counter::connection_over_capacity, [&] { world_.node().open = 0; }},
        {4004, Counter::connection_over_app_quota, [&] { settings.max_connections = 1; }},
    };

    for (const auto& [code, counter, mend] : steps) {
        EXPECT_EQ(knock(visitor).closed.value_or(FakeLink::Close{}).code, code);
        EXPECT_EQ(world_.counters().of(counter), 1U) << code;
        mend();
    }
    expect_welcome(visitor);
}

TEST_F(AdmissionTest, r015_keeps_clients_waiting_during_a_drain_then_sends_them_away) {
    expect_welcome(by(app_key));
    admission_.close_door();
    for (const std::string_view key : {app_key, std::string_view("unknown")}) {
        FakeLink& link = knock(by(key));
        EXPECT_THAT(link.sent, IsEmpty());
        EXPECT_TRUE(link.sink->is_busy()) << "whoever talks must not stay for that";
        link.sink->on_silence();
        EXPECT_FALSE(link.sink->is_busy());
        EXPECT_EQ(link.resumes, 1U);
        const std::string text = "Server closed. Please reconnect shortly.";
        EXPECT_THAT(link.sent, ElementsAre(error_text(4200, text)));
        EXPECT_EQ(link.closed, (FakeLink::Close{4200, text}));
    }
    EXPECT_EQ(world_.node().open, 1U) << "they take no place";
    EXPECT_FALSE(clients_.front()->link.closed) << "who is inside stays inside";
}

TEST_F(AdmissionTest, r015_the_wait_is_one_to_two_seconds) {
    admission_.close_door();
    for (const auto& [random, wait] :
         {std::pair{0ULL, 1'000ms}, {999ULL, 1'999ms}, {1'000ULL, 1'000ms}, {~0ULL, 1'615ms}}) {
        next_random_ = random;
        EXPECT_EQ(knock(by(app_key)).sink->liveness().ping_interval, wait);
    }
}

}  // namespace
}  // namespace fanfare::sessions::testing
