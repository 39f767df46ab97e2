// SPDX-License-Identifier: MIT
#include "fanfare/transport/trusted_proxies.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::transport {
namespace {

TrustedProxies proxies(const std::vector<std::string>& texts) {
    std::vector<IpNetwork> networks;
    for (const std::string& text : texts) networks.push_back(IpNetwork::parse(text).value());
    return TrustedProxies(std::move(networks));
}

const TrustedProxies internal = proxies({"10.0.0.0/8", "2001:db8:1::/48"});

HttpRequest request_from(std::string_view peer, const std::vector<std::string_view>& forwarded) {
    HttpRequest request;
    request.peer = IpAddress::parse(peer).value();
    request.headers = {{"Host", "h"}};
    for (const std::string_view value : forwarded) {
        request.headers.push_back({"x-forwarded-for", value});
    }
    return request;
}

std::string client(std::string_view peer, const std::vector<std::string_view>& forwarded) {
    return internal.client_of(request_from(peer, forwarded)).to_string();
}

TEST(TrustedProxies, nobody_is_trusted_by_default) {
    const TrustedProxies none = proxies({});
    const HttpRequest request = request_from("127.0.0.1", {"192.0.2.1"});
    EXPECT_EQ(none.client_of(request).to_string(), "127.0.0.1");
    EXPECT_FALSE(none.contains(request.peer));
}

TEST(TrustedProxies, a_stranger_is_not_believed) {
    EXPECT_EQ(client("192.0.2.7", {"192.0.2.1"}), "192.0.2.7");
    EXPECT_EQ(client("192.0.2.7", {}), "192.0.2.7");
}

TEST(TrustedProxies, the_client_is_the_right_most_that_is_no_proxy) {
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1"}), "192.0.2.1");
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.9, 192.0.2.1"}), "192.0.2.1") << "a forged one";
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1, 10.0.0.3,10.0.0.2"}), "192.0.2.1");
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1, 2001:db8:1::9"}), "192.0.2.1");
    EXPECT_EQ(client("2001:db8:1::9", {"2001:db8:2::1"}), "2001:db8:2::1");
    EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3") << "all are proxies";
}

TEST(TrustedProxies, several_headers_are_one_list) {
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.9", "192.0.2.1, 10.0.0.2"}), "192.0.2.1");
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1", "10.0.0.2"}), "192.0.2.1");
}

TEST(TrustedProxies, an_address_may_have_a_port) {
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1:4711"}), "192.0.2.1");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8:2::1]:4711"}), "2001:db8:2::1");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8:2::1]"}), "2001:db8:2::1");
}

TEST(TrustedProxies, what_is_no_address_ends_the_search) {
    for (const char* text : {"unknown", "", " ", ",", "192.0.2.1,", "[2001:db8:2::1", "_hidden"}) {
        EXPECT_EQ(client("10.0.0.1", {text}), "10.0.0.1") << text;
    }
    EXPECT_EQ(client("10.0.0.1", {"192.0.2.1, unknown, 10.0.0.2"}), "10.0.0.2");
}

TEST(TrustedProxies, tls_is_believed_of_proxies_if_there_are_any) {
    HttpRequest request = request_from("192.0.2.7", {});
    request.headers.push_back({"X-Forwarded-Proto", "https"});
    EXPECT_TRUE(proxies({}).is_secure(request));
    EXPECT_FALSE(internal.is_secure(request));
    request.is_from_proxy = true;
    EXPECT_TRUE(internal.is_secure(request));
    request.headers.back().value = "http";
    EXPECT_FALSE(internal.is_secure(request));
    EXPECT_FALSE(proxies({}).is_secure(request));
}

}  // namespace
}  // namespace fanfare::transport
