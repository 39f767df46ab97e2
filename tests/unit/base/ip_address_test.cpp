// SPDX-License-Identifier: MIT
#include "fanfare/base/ip_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace fanfare {
namespace {

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

bool is_in(std::string_view network, std::string_view text) {
    return IpNetwork::parse(network).value().contains(address(text));
}

TEST(IpAddress, is_written_as_it_was_read) {
    for (const char* text :
         {"192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::", "::1"}) {
        EXPECT_EQ(address(text).to_string(), text);
    }
    EXPECT_EQ(address("2001:DB8:0:0:0:0:0:1").to_string(), "2001:db8::1");
}

TEST(IpAddress, of_ipv4_is_the_same_through_an_ipv6_socket) {
    EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    EXPECT_EQ(IpAddress(IpAddress::V4Bytes{192, 0, 2, 1}), address("192.0.2.1"));
    EXPECT_TRUE(address("192.0.2.1").is_v4());
    EXPECT_FALSE(address("::192.0.2.1").is_v4());
}

TEST(IpAddress, is_nothing_else) {
    for (const std::string text :
         {"",
          " 192.0.2.1",
          "192.0.2.1 ",
          "192.0.2",
          "192.0.2.256",
          "192.0.2.1.1",
          "192.0.2.01",
          "192.0.2.1:80",
          "1",
          "localhost",
          ":",
          ":::",
          "1::2::3",
          "[::1]",
          "fe80::1%eth0",
          "12345::",
          "2001:db8:1111:2222:3333:4444:255.255.255.2555"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string_view("192.0.2.1\0x", 11)));
}

TEST(IpAddress, network_keeps_the_first_bits) {
    EXPECT_EQ(address("2001:db8:1:2:3:4:5:6").network(64), address("2001:db8:1:2::"));
    EXPECT_EQ(address("2001:db8::ff").network(125), address("2001:db8::f8"));
    EXPECT_EQ(address("2001:db8::ff").network(128), address("2001:db8::ff"));
    EXPECT_EQ(address("ffff::").network(1), address("8000::"));
    EXPECT_EQ(address("ffff::1").network(0), address("::"));
}

TEST(IpAddress, can_be_a_key) {
    const std::unordered_set<IpAddress> set{
        address("192.0.2.1"), address("::ffff:192.0.2.1"), address("192.0.2.2")};
    EXPECT_EQ(set.size(), 2U);
}

TEST(IpNetwork, contains_what_begins_like_it) {
    EXPECT_TRUE(is_in("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(is_in("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(is_in("192.0.2.128/25", "192.0.2.200"));
    EXPECT_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(is_in("2001:db8::/32", "2001:db8:ffff::1"));
    EXPECT_FALSE(is_in("2001:db8::/32", "2001:db9::1"));
    EXPECT_TRUE(is_in("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(is_in("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(is_in("10.1.2.3/8", "10.0.0.1")) << "bits behind the prefix do not count";
}

TEST(IpNetwork, of_all_ipv4_contains_no_ipv6) {
    EXPECT_TRUE(is_in("0.0.0.0/0", "192.0.2.1"));
    EXPECT_FALSE(is_in("0.0.0.0/0", "2001:db8::1"));
}

TEST(IpNetwork, is_nothing_else) {
    for (const char* text :
         {"",
          "/8",
          "10.0.0.0/",
          "10.0.0.0/33",
          "10.0.0.0/-1",
          "10.0.0.0/+8",
          "10.0.0.0/8 ",
          "10.0.0.0/8/8",
          "::/129",
          "10.0.0.0/255.0.0.0",
          "example.com",
          "10.0.0.0/99999999999"}) {
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
    }
}

}  // namespace
}  // namespace fanfare
