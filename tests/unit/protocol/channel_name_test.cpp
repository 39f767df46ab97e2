// SPDX-License-Identifier: MIT
#include "fanfare/protocol/channel_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fanfare::protocol {
namespace {

constexpr NameRules strict{};
constexpr NameRules lenient{200, true};

TEST(ChannelKind, private_channels_need_a_signature) {
    for (const auto* name :
         {"private-x",
          "private-",
          "private-encrypted-x",
          "private-cache-x",
          "private-encrypted-cache-x"}) {
        EXPECT_TRUE(kind_of(name).needs_auth) << name;
        EXPECT_FALSE(kind_of(name).is_presence) << name;
    }
}

TEST(ChannelKind, presence_channels_need_a_signature_and_have_members) {
    for (const auto* name : {"presence-x", "presence-cache-x"}) {
        EXPECT_TRUE(kind_of(name).needs_auth) << name;
        EXPECT_TRUE(kind_of(name).is_presence) << name;
    }
}

TEST(ChannelKind, r044_prefixes_need_their_hyphen_and_their_case) {
    for (const auto* name :
         {"x",
          "privatefoo",
          "presencefoo",
          "cachefoo",
          "Private-x",
          "PRESENCE-x",
          "xprivate-y",
          "cache-x",
          ""}) {
        EXPECT_FALSE(kind_of(name).needs_auth) << name;
        EXPECT_FALSE(kind_of(name).is_presence) << name;
        EXPECT_FALSE(kind_of(name).is_reserved) << name;
    }
}

TEST(ChannelKind, r059_names_with_a_number_sign_are_reserved) {
    EXPECT_TRUE(kind_of("#server-to-user-7").is_reserved);
    EXPECT_TRUE(kind_of("#").is_reserved);
    EXPECT_FALSE(kind_of("a#").is_reserved);
}

TEST(ChannelName, r038_takes_pushers_characters_only) {
    EXPECT_TRUE(is_valid_channel_name("azAZ09_-=@,.;", strict));
    for (int c = 0; c < 256; ++c) {
        const std::string name = "a" + std::string(1, static_cast<char>(c));
        const bool is_good = c < 0x80 && c > 0 &&
                             std::string_view(
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-=@,.;"
                             )
                                     .find(static_cast<char>(c)) != std::string_view::npos;
        EXPECT_EQ(is_valid_channel_name(name, strict), is_good) << c;
    }
}

TEST(ChannelName, lenient_rules_take_everything_but_what_breaks_urls_and_json) {
    EXPECT_TRUE(is_valid_channel_name("orders:42#\xc3\xa9\xf0\x9f\x98\x80'<>&%", lenient));
    for (const char c : {'\0', '\x1f', ' ', '\x7f', '"', '\\', '/'}) {
        EXPECT_FALSE(is_valid_channel_name("a" + std::string(1, c), lenient)) << int{c};
    }
}

TEST(ChannelName, r038_has_a_longest_length) {
    EXPECT_TRUE(is_valid_channel_name(std::string(200, 'a'), strict));
    EXPECT_FALSE(is_valid_channel_name(std::string(201, 'a'), strict));
    EXPECT_FALSE(is_valid_channel_name(std::string(201, 'a'), lenient));
    EXPECT_TRUE(is_valid_channel_name("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", {3, true}));
    EXPECT_FALSE(is_valid_channel_name("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", {2, true}));
    EXPECT_FALSE(is_valid_channel_name("abc", NameRules{2, false}));
}

TEST(ChannelName, r038_is_not_empty) {
    EXPECT_FALSE(is_valid_channel_name("", strict));
    EXPECT_FALSE(is_valid_channel_name("", lenient));
    EXPECT_FALSE(is_valid_channel_name("#", strict));
}

TEST(ChannelName, r059_users_have_channels_whatever_their_ids_look_like) {
    EXPECT_EQ(user_channel("7"), "#server-to-user-7");
    for (const std::string& id : {std::string("7"), std::string("a b/#:"), std::string(128, 'x')}) {
        EXPECT_TRUE(is_user_channel(user_channel(id))) << id;
        EXPECT_FALSE(is_user_channel(watchers_channel(id))) << id;
    }
    EXPECT_FALSE(is_user_channel(user_channel("")));
    EXPECT_FALSE(is_user_channel(user_channel(std::string(129, 'x'))));
    for (const auto* name : {"#server-to-user-7", "##x", "a#b"}) {
        EXPECT_FALSE(is_valid_channel_name(name, strict)) << name;
    }
}

TEST(ChannelName, r055_cache_channels_are_those_with_the_prefix_and_its_hyphen) {
    for (const auto* name :
         {"cache-a", "private-cache-a", "presence-cache-a", "private-encrypted-cache-a"}) {
        EXPECT_TRUE(kind_of(name).is_cache) << name;
    }
    for (const auto* name : {"cachea", "private-cachea", "my-cache-a", "private-a", "Cache-a"}) {
        EXPECT_FALSE(kind_of(name).is_cache) << name;
    }
}

}  // namespace
}  // namespace fanfare::protocol
