// SPDX-License-Identifier: MIT
#include "addresses.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

std::string url_of(const std::optional<Address>& address) {
    return address ? address->url() : "none";
}

TEST(Address, is_read_from_a_url) {
    for (const auto& [text, url] : std::initializer_list<std::pair<const char*, const char*>>{
             {"https://ws.shop.test", "https://ws.shop.test"},
             {"wss://ws.shop.test:443/", "https://ws.shop.test"},
             {"http://ws.shop.test:8080/ws/", "http://ws.shop.test:8080/ws"},
             {"ws://10.0.0.1", "http://10.0.0.1"},
             {"https://[2001:db8::1]:6001", "https://[2001:db8::1]:6001"},
             {"ws.shop.test", "none"},
             {"ftp://ws.shop.test", "none"},
             {"https://", "none"},
             {"https://0.0.0.0", "none"},
             {"https://ws.shop.test:0", "none"},
             {"https://user@ws.shop.test", "none"},
             {"https://2001:db8::1", "none"},
             {"https://[ws.shop.test]", "none"}}) {
        EXPECT_EQ(url_of(parse_address(text)), url) << text;
    }
}

TEST(Addresses, are_those_of_the_apps_variables) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_HOST", "127.0.0.1");
    set(laravel, "REVERB_PORT", "8080");
    set(laravel, "REVERB_SCHEME", "http");
    config::ServerSettings server;
    server.path = "/ws";
    const Addresses addresses = addresses_of(laravel, server, std::nullopt);
    EXPECT_EQ(url_of(addresses.publishing), "http://127.0.0.1:8080/ws");
    EXPECT_EQ(url_of(addresses.browsing), "https://ws.shop.test/ws");
}

TEST(Addresses, of_ipv6_have_brackets) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_HOST", "[::1]");
    set(laravel, "VITE_REVERB_HOST", "::1");
    const Addresses addresses = addresses_of(laravel, {}, std::nullopt);
    ASSERT_EQ(url_of(addresses.publishing), "https://[::1]");
    EXPECT_EQ(addresses.publishing->host, "::1");
    EXPECT_EQ(url_of(addresses.browsing), "none");
}

TEST(Addresses, have_the_defaults_of_laravel) {
    Laravel laravel;
    set(laravel, "REVERB_HOST", "ws.shop.test");
    const Addresses addresses = addresses_of(laravel, {}, std::nullopt);
    EXPECT_EQ(url_of(addresses.publishing), "https://ws.shop.test");
    EXPECT_EQ(url_of(addresses.browsing), "https://ws.shop.test");
}

TEST(Addresses, are_what_the_operator_says) {
    config::ServerSettings server;
    server.path = "/ws";
    const Laravel laravel = laravel_of_app();
    const Addresses plain = addresses_of(laravel, server, "http://localhost:81");
    EXPECT_EQ(url_of(plain.publishing), "http://localhost:81/ws");
    EXPECT_EQ(url_of(plain.browsing), "http://localhost:81/ws");
    const Addresses with_path = addresses_of(laravel, server, "http://localhost:81/other");
    EXPECT_EQ(url_of(with_path.browsing), "http://localhost:81/other");
}

TEST(Addresses, without_an_app_are_the_host_name_for_clients) {
    config::ServerSettings server;
    EXPECT_EQ(url_of(addresses_of({}, server, std::nullopt).browsing), "none");
    server.hostname = "ws.shop.test";
    EXPECT_EQ(url_of(addresses_of({}, server, std::nullopt).browsing), "https://ws.shop.test");
    server.tls.certificate_file = "/tls.pem";
    const Addresses addresses = addresses_of({}, server, std::nullopt);
    EXPECT_EQ(url_of(addresses.browsing), "https://ws.shop.test:8080");
    EXPECT_EQ(url_of(addresses.publishing), "none");
    Laravel wrong = laravel_of_app();
    set(wrong, "VITE_REVERB_PORT", "x");
    EXPECT_EQ(url_of(addresses_of(wrong, server, std::nullopt).browsing), "none");
}

}  // namespace

}  // namespace fanfare::doctor
