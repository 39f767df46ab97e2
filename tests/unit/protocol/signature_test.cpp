// SPDX-License-Identifier: MIT
#include "fanfare/protocol/signature.hpp"

#include "fanfare/base/crypto.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace fanfare::protocol {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view secret = "7ad3773142a6692b25b8";
constexpr std::string_view a_body_md5 = "ec365a775a4cd0599faeb73354201b6f";

std::string hmac(std::string_view text) {
    HmacSha256 signer(secret);
    const auto hex = signer.hex(text);
    return {hex.data(), hex.size()};
}

struct Request {
    std::string_view method = "GET";
    std::string_view path = "/apps/3/channels";
    std::string_view prefix = "";
    std::string_view query = "";
    std::string_view body_md5 = "";
};

std::vector<std::string> texts(const Request& request) {
    const QueryString query(request.query);
    return request_to_sign({request.method, request.path, request.prefix, query, request.body_md5});
}

/// What is signed behind method and path.
std::string canonical(std::string_view query, std::string_view body_md5 = "") {
    const std::string text = texts({.path = "/p", .query = query, .body_md5 = body_md5}).front();
    return text.substr(std::string("GET\n/p\n").size());
}

TEST(SubscriptionToSign, r040_agrees_with_the_vector_of_the_protocol) {
    const std::string text = subscription_to_sign({1234, 1234}, "private-foobar", "");
    EXPECT_EQ(text, "1234.1234:private-foobar");
    EXPECT_EQ(hmac(text), "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4");
}

TEST(SubscriptionToSign, r041_holds_the_exact_channel_data) {
    const std::string text = subscription_to_sign(
        {1234, 1234}, "presence-foobar", R"({"user_id":10,"user_info":{"name":"Mr. Channels"}})"
    );
    EXPECT_EQ(hmac(text), "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80");
    EXPECT_EQ(subscription_to_sign({1, 2}, "private-x", " {} "), "1.2:private-x: {} ");
}

TEST(SplitAuth, cuts_at_the_first_colon) {
    const auto parts = [](std::string_view auth) {
        const AuthString split = split_auth(auth);
        return std::vector<std::string_view>{split.key, split.signature};
    };
    EXPECT_THAT(parts("key:abc"), ElementsAre("key", "abc"));
    EXPECT_THAT(parts("key:a:b"), ElementsAre("key", "a:b"));
    EXPECT_THAT(parts(":abc"), ElementsAre("", "abc"));
    EXPECT_THAT(parts("key:"), ElementsAre("key", ""));
    EXPECT_THAT(parts("abc"), ElementsAre("", "")) << "a bare signature names no key";
    EXPECT_THAT(parts(""), ElementsAre("", ""));
}

TEST(RequestToSign, r080_agrees_with_the_vectors_of_the_protocol) {
    const auto post = texts(
        {.method = "POST",
         .path = "/apps/3/events",
         .query = "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0&"
                  "body_md5=ec365a775a4cd0599faeb73354201b6f&auth_signature=da45",
         .body_md5 = a_body_md5}
    );
    EXPECT_EQ(hmac(post.at(0)), "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c");
    const auto get = texts(
        {.query = "info=user_count&filter_by_prefix=presence-&auth_version=1.0&"
                  "auth_timestamp=1353088179&auth_key=278d425bdf160c739803"}
    );
    EXPECT_EQ(hmac(get.at(0)), "16819168891cb5dfd72b5c7a5d3d602605b26c6ba1930033b5e2eeeb65010291");
}

TEST(RequestToSign, is_method_path_and_query_in_lines) {
    EXPECT_THAT(texts({.query = "b=2&a=1"}), ElementsAre("GET\n/apps/3/channels\na=1&b=2"));
    EXPECT_THAT(texts({.query = ""}), ElementsAre("GET\n/apps/3/channels\n"));
}

TEST(CanonicalQuery, leaves_the_signature_out_and_sorts_by_bytes) {
    EXPECT_EQ(canonical("b=1&auth_signature=x&a_c=2&aZ=3&a-d=4"), "a-d=4&a_c=2&az=3&b=1");
}

TEST(CanonicalQuery, r083_keys_are_lower_cased) {
    EXPECT_EQ(canonical("Auth_Key=K&INFO=User_Count"), "auth_key=K&info=User_Count");
    EXPECT_EQ(canonical("AUTH_SIGNATURE=x&a=1"), "a=1");
}

TEST(CanonicalQuery, r083_arrays_are_joined_with_commas) {
    EXPECT_EQ(canonical("info[]=a&info[]=b"), "info=a,b");
    EXPECT_EQ(canonical("info%5B%5D=a&info%5B%5D=b"), "info=a,b");
    EXPECT_EQ(canonical("info[0]=a&info[1]=b&x=1"), "info=a,b&x=1");
    EXPECT_EQ(canonical("info[]=a"), "info=a");
}

TEST(CanonicalQuery, what_only_looks_like_an_array_keeps_its_name) {
    EXPECT_EQ(canonical("a[b]=1&a[c]=2"), "a[b]=1&a[c]=2");
    EXPECT_EQ(canonical("a]=1&b[=2"), "a]=1&b[=2");
}

TEST(CanonicalQuery, r082_values_are_decoded) {
    EXPECT_EQ(canonical("a=x%20y+z&b=%C3%A9%2C"), "a=x y z&b=\xc3\xa9,");
    EXPECT_EQ(canonical("a"), "a=");
}

TEST(CanonicalQuery, r083_the_body_is_signed_even_if_the_request_says_nothing_of_it) {
    EXPECT_EQ(canonical("a=1", "f00"), "a=1&body_md5=f00");
    EXPECT_EQ(canonical("body_md5=f00&c=1", "f00"), "body_md5=f00&c=1");
}

TEST(RequestToSign, every_candidate_covers_the_body) {
    for (const auto* query :
         {"", "body_md5=other", "BODY_MD5=other", "body_md5[]=x&body_md5[]=y", "a=%2F"}) {
        const auto candidates =
            texts({.path = "/ws/%41", .prefix = "/ws", .query = query, .body_md5 = "f00"});
        EXPECT_THAT(candidates, Each(HasSubstr("body_md5=f00"))) << query;
        EXPECT_THAT(candidates, Each(Not(HasSubstr("other")))) << query;
    }
}

TEST(RequestToSign, md5_of_an_empty_body_may_be_signed_or_left_out) {
    EXPECT_THAT(
        texts({.path = "/p", .query = "a=1&body_md5=d41d8cd98f00b204e9800998ecf8427e"}),
        ElementsAre("GET\n/p\na=1", "GET\n/p\na=1&body_md5=d41d8cd98f00b204e9800998ecf8427e")
    );
}

TEST(RequestToSign, r082_the_path_is_signed_without_the_prefix_or_with_it) {
    EXPECT_THAT(
        texts({.path = "/ws/apps/3/events", .prefix = "/ws", .query = "a=1"}),
        ElementsAre("GET\n/apps/3/events\na=1", "GET\n/ws/apps/3/events\na=1")
    );
}

TEST(RequestToSign, r082_the_path_is_signed_escaped_or_not) {
    EXPECT_THAT(
        texts({.path = "/apps/3/users/a%20b", .query = "a=1"}),
        ElementsAre("GET\n/apps/3/users/a%20b\na=1", "GET\n/apps/3/users/a b\na=1")
    );
}

TEST(RequestToSign, r082_the_query_may_be_signed_as_it_came) {
    EXPECT_THAT(
        texts({.path = "/p", .query = "info=a%2Cb"}),
        ElementsAre("GET\n/p\ninfo=a,b", "GET\n/p\ninfo=a%2Cb")
    );
}

// protocol.md 5.2, step 6: path as received or decoded, with or without prefix, the query decoded.
TEST(RequestToSign, r082_escapes_in_the_query_take_no_form_of_the_path_away) {
    const auto candidates =
        texts({.path = "/ws/apps/3/users/a%20b", .prefix = "/ws", .query = "info=a%2Cb"});
    for (const auto* path :
         {"/apps/3/users/a%20b",
          "/apps/3/users/a b",
          "/ws/apps/3/users/a%20b",
          "/ws/apps/3/users/a b"}) {
        EXPECT_THAT(candidates, Contains(std::string("GET\n") + path + "\ninfo=a,b"));
    }
}

TEST(RequestToSign, never_has_more_than_four_candidates_and_none_twice) {
    std::mt19937 random(3);
    const std::vector<std::string> pieces{
        "a",
        "=",
        "&",
        "%41",
        "%2F",
        "+",
        "[]",
        "body_md5=",
        "auth_signature",
        "/",
        "/ws",
        "%",
        "B"};
    const auto some = [&](std::size_t most) {
        std::string text;
        for (std::size_t left = random() % most; left > 0; --left) {
            text += pieces[random() % pieces.size()];
        }
        return text;
    };
    for (int i = 0; i < 5'000; ++i) {
        const std::string path = (random() % 2 == 0 ? "/ws" : "") + some(8);
        const std::string query = some(12);
        const auto candidates = texts(
            {.path = path,
             .prefix = random() % 2 == 0 ? "/ws" : "",
             .query = query,
             .body_md5 = random() % 2 == 0 ? "" : "f00"}
        );
        ASSERT_GE(candidates.size(), 1U);
        ASSERT_LE(candidates.size(), 4U) << path << " ? " << query;
        const std::set<std::string> distinct(candidates.begin(), candidates.end());
        ASSERT_EQ(distinct.size(), candidates.size()) << path << " ? " << query;
    }
}

TEST(RequestToSign, likeliest_comes_first) {
    const QueryString query("info=a%2Cb&body_md5=x");
    for (const auto* body_md5 : {"", "f00"}) {
        const SignedRequest request{"POST", "/ws/apps/3/x%20y", "/ws", query, body_md5};
        EXPECT_EQ(request_to_sign(request).front(), likeliest_request_to_sign(request));
    }
    EXPECT_EQ(
        likeliest_request_to_sign({"POST", "/ws/apps/3/x%20y", "/ws", query, "f00"}),
        "POST\n/apps/3/x%20y\nbody_md5=f00&info=a,b"
    );
}

TEST(CanonicalQuery, of_a_repeated_parameter_that_is_no_array_the_last_counts) {
    EXPECT_EQ(canonical("a=1&b=2&a=3"), "a=3&b=2");
    EXPECT_EQ(canonical("=1&=2"), "=2");
}

}  // namespace
}  // namespace fanfare::protocol
