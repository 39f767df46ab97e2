// SPDX-License-Identifier: MIT
#include "signed_request.hpp"

#include "fanfare/base/crypto.hpp"
#include "fanfare/protocol/query_string.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

// protocol.md, appendix B
const Credentials app{"3", "278d425bdf160c739803", "7ad3773142a6692b25b8"};

TEST(SignedRequest, signs_a_channel_as_pusher_documents_it) {
    EXPECT_EQ(
        channel_auth("1234.1234", "private-foobar", app),
        "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"
    );
}

TEST(SignedRequest, has_the_digest_of_a_body_and_the_prefix_in_front) {
    const probe::Request post = signed_request("POST", "/ws", "/apps/3/events", "{}", app);
    EXPECT_TRUE(post.path.starts_with("/ws/apps/3/events?auth_key=278d425bdf160c739803&"))
        << post.path;
    EXPECT_NE(post.path.find("&body_md5=99914b932bd37a50b983c5e7c90ae93b&"), post.path.npos);
    const probe::Request get = signed_request("GET", "", "/apps/3/channels", "", app);
    EXPECT_EQ(get.path.find("body_md5"), get.path.npos);
}

TEST(SignedRequest, signs_its_query_too) {
    const probe::Request get = signed_request("GET", "/ws", "/apps/3/channels?z=1", "", app);
    ASSERT_TRUE(get.path.starts_with("/ws/apps/3/channels?z=1&auth_key=278d425bdf160c739803&"))
        << get.path;
    const protocol::QueryString query(std::string_view(get.path).substr(get.path.find('?') + 1));
    const std::string text =
        "GET\n/apps/3/channels\nauth_key=278d425bdf160c739803&auth_timestamp=" +
        std::string(query.find("auth_timestamp")) + "&auth_version=1.0&z=1";
    const auto mac = HmacSha256(app.secret).hex(text);
    EXPECT_EQ(query.find("auth_signature"), std::string_view(mac.data(), mac.size()));
}

TEST(SignedRequest, escapes_what_has_a_meaning_in_urls) {
    EXPECT_EQ(url_escaped("a-b_c.9/?&é"), "a-b_c.9%2F%3F%26%C3%A9");
}

}  // namespace

}  // namespace fanfare::doctor
