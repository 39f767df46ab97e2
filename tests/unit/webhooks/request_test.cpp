// SPDX-License-Identifier: MIT
#include "request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::webhooks {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Request, a_body_has_the_time_of_its_first_event) {
    const std::vector<Event> batch{
        {"channel_occupied",
         "a",
         R"({"name":"channel_occupied","channel":"a"})",
         1'327'078'148'132},
        {"channel_vacated", "b", R"({"name":"channel_vacated","channel":"b"})", 2},
    };
    EXPECT_EQ(
        body_of(batch),
        R"({"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"a"},{"name":"channel_vacated","channel":"b"}]})"
    );
}

// The vector of protocol.md, appendix B.
TEST(Request, r100_signs_the_bytes_of_the_body_and_spells_the_headers_like_pusher) {
    Endpoint endpoint;
    endpoint.key = "278d425bdf160c739803";
    endpoint.secret = "7ad3773142a6692b25b8";
    endpoint.webhook.url = "https://u:p@h/x";
    endpoint.webhook.headers = {{"X-More", "1"}};
    endpoint.delivery.timeout = std::chrono::seconds(7);
    endpoint.delivery.tls_verify = false;
    endpoint.delivery.tls_ca_file = "ca.pem";
    const std::string body =
        R"({"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"my-channel"}]})";
    const Request request = make_request(endpoint, body, "Agent/1");
    EXPECT_THAT(
        request.headers,
        ElementsAre(
            Pair("Content-Type", "application/json"),
            Pair("X-Pusher-Key", "278d425bdf160c739803"),
            Pair(
                "X-Pusher-Signature",
                "c19001ae3963ccb13bf618e5b16ba9848e7e74df0993aa0689168e341c6833cf"
            ),
            Pair("User-Agent", "Agent/1"),
            Pair("X-More", "1")
        )
    );
    EXPECT_EQ(request.url, "https://u:p@h/x");
    EXPECT_EQ(request.body, body);
    EXPECT_EQ(request.timeout.count(), 7'000);
    EXPECT_FALSE(request.tls_verify);
    EXPECT_EQ(request.tls_ca_file, "ca.pem");
}

TEST(Request, only_an_answer_of_2xx_that_arrived_whole_is_success) {
    EXPECT_TRUE((Answer{200, ""}.is_success()));
    EXPECT_TRUE((Answer{204, ""}.is_success()));
    EXPECT_FALSE((Answer{302, ""}.is_success()));
    EXPECT_FALSE((Answer{0, ""}.is_success()));
    EXPECT_FALSE((Answer{200, "timed out"}.is_success()));
    EXPECT_EQ((Answer{503, ""}.reason()), "status=503");
    EXPECT_EQ((Answer{200, "timed out"}.reason()), "\"timed out\"");
}

}  // namespace
}  // namespace fanfare::webhooks
