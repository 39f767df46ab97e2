// SPDX-License-Identifier: MIT
#include "fanfare/channels/sip_hash.hpp"

#include "fanfare/channels/channel_key.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace fanfare::channels {
namespace {

/// The bytes 0, 1, 2 …
std::string counting(std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<char>(i));
    return text;
}

// Expected values: CPython 3.11, hash() of these bytes with PYTHONHASHSEED=0 and 7.

TEST(SipHash, agrees_with_another_implementation_at_all_lengths_of_the_rest) {
    EXPECT_EQ(sip_hash({}, counting(1)), 0x68a914128e01e473U);
    EXPECT_EQ(sip_hash({}, counting(7)), 0x2f098ab0c751325aU);
    EXPECT_EQ(sip_hash({}, counting(8)), 0xead411e67ebe2eeaU);
    EXPECT_EQ(sip_hash({}, counting(9)), 0x75927f9d95124362U);
    EXPECT_EQ(sip_hash({}, counting(15)), 0xf30eb725bb91c9eaU);
    EXPECT_EQ(sip_hash({}, counting(16)), 0x8972188433a5c5b7U);
    EXPECT_EQ(sip_hash({}, counting(20)), 0x639e355ae68c0100U);
    EXPECT_EQ(sip_hash({}, counting(63)), 0x385d3e39e5f37359U);
}

TEST(SipHash, agrees_with_another_implementation_under_a_key) {
    constexpr SipKey key{0x12c874a1806f0e3dU, 0x470a89d2f9d2784fU};
    EXPECT_EQ(sip_hash(key, "news"), 0x0e1d8942e35e7585U);
    EXPECT_EQ(sip_hash(key, "presence-room"), 0x3d57937daa286ee8U);
    EXPECT_EQ(sip_hash(key, "12345678"), 0x2252aef54e709d3dU);
    EXPECT_EQ(sip_hash(key, counting(23)), 0x0a5e1c0f2e14835eU);
}

TEST(ChannelHash, is_not_one_that_a_client_can_compute) {
    EXPECT_NE(ChannelHash{}({0, "news"}), std::hash<std::string_view>{}("news"));
    EXPECT_NE(ChannelHash{}({0, "news"}), sip_hash({}, "news"));
}

TEST(ChannelHash, stays_the_same_and_differs_between_apps) {
    EXPECT_EQ(ChannelHash{}({0, "news"}), ChannelHash{}({0, "news"}));
    EXPECT_NE(ChannelHash{}({0, "news"}), ChannelHash{}({1, "news"}));
}

}  // namespace
}  // namespace fanfare::channels
