// SPDX-License-Identifier: MIT
#include "fanfare/apps/origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::apps {
namespace {

using Patterns = std::vector<std::string>;

bool allows(const Patterns& patterns, std::string_view origin) {
    return is_origin_allowed(patterns, origin);
}

TEST(Origin, r009_a_star_allows_everything) {
    for (const auto* origin : {"", "null", "https://example.com", "nonsense", "file://"}) {
        EXPECT_TRUE(allows({"*"}, origin)) << origin;
        EXPECT_TRUE(allows({"example.org", "*"}, origin)) << origin;
    }
}

TEST(Origin, r009_no_pattern_allows_nothing) {
    EXPECT_FALSE(allows({}, "https://example.com"));
    EXPECT_FALSE(allows({}, ""));
}

TEST(Origin, r009_a_name_is_that_host_exactly) {
    const Patterns patterns{"laravel.com"};
    EXPECT_TRUE(allows(patterns, "https://laravel.com"));
    EXPECT_TRUE(allows(patterns, "http://laravel.com"));
    for (const auto* origin :
         {"https://www.laravel.com",
          "https://laravel.com.evil.org",
          "https://evillaravel.com",
          "https://laravel.co",
          "https://laravel.comm",
          "https://evil.org/laravel.com",
          "https://evil.org/https://laravel.com"}) {
        EXPECT_FALSE(allows(patterns, origin)) << origin;
    }
}

TEST(Origin, r009_any_pattern_of_the_list_will_do) {
    const Patterns patterns{"one.org", "two.org"};
    EXPECT_TRUE(allows(patterns, "https://two.org"));
    EXPECT_FALSE(allows(patterns, "https://three.org"));
}

TEST(Origin, r009_a_star_matches_any_run_of_characters_dots_included) {
    const Patterns patterns{"*.example.com"};
    EXPECT_TRUE(allows(patterns, "https://a.example.com"));
    EXPECT_TRUE(allows(patterns, "https://a.b.example.com"));
    EXPECT_FALSE(allows(patterns, "https://example.com"));
    EXPECT_FALSE(allows(patterns, "https://aexample.com"));
    EXPECT_FALSE(allows(patterns, "https://a.example.com.evil.org"));
}

TEST(Origin, stars_may_stand_anywhere_and_often) {
    EXPECT_TRUE(allows({"app-*.test"}, "https://app-.test"));
    EXPECT_TRUE(allows({"app-*.test"}, "https://app-7.eu.test"));
    EXPECT_FALSE(allows({"app-*.test"}, "https://app.test"));
    EXPECT_TRUE(allows({"a*b*c"}, "https://aXbXbXc"));
    EXPECT_TRUE(allows({"a*b*c"}, "https://abcbc"));
    EXPECT_FALSE(allows({"a*b*c"}, "https://aXcXb"));
    EXPECT_TRUE(allows({"**.test"}, "https://x.test"));
    EXPECT_TRUE(allows({"x.test**"}, "https://x.test"));
}

TEST(Origin, a_hostile_origin_costs_no_more_than_the_product_of_the_lengths) {
    std::string pattern;
    for (int i = 0; i < 30; ++i) pattern += "*a";
    EXPECT_FALSE(allows({pattern + "b"}, "https://" + std::string(4'000, 'a')));
}

TEST(Origin, r009_case_does_not_matter) {
    EXPECT_TRUE(allows({"laravel.com"}, "http://LARAVEL.com"));
    EXPECT_TRUE(allows({"Laravel.COM"}, "http://laravel.com"));
    EXPECT_TRUE(allows({"HTTPS://*.Test"}, "https://a.TEST"));
}

TEST(Origin, r009_port_scheme_and_path_do_not_matter_to_a_plain_pattern) {
    const Patterns patterns{"localhost"};
    for (const auto* origin :
         {"http://localhost:3000",
          "https://localhost",
          "capacitor://localhost",
          "http://localhost/",
          "http://localhost:80/a/b"}) {
        EXPECT_TRUE(allows(patterns, origin)) << origin;
    }
}

TEST(Origin, r009_a_pattern_with_a_port_asks_for_it) {
    const Patterns patterns{"localhost:3000"};
    EXPECT_TRUE(allows(patterns, "http://localhost:3000"));
    EXPECT_TRUE(allows(patterns, "https://localhost:3000"));
    EXPECT_FALSE(allows(patterns, "http://localhost:3001"));
    EXPECT_FALSE(allows(patterns, "http://localhost"));
    EXPECT_TRUE(allows({"localhost:*"}, "http://localhost:5173"));
    EXPECT_TRUE(allows({"*:3000"}, "http://anything.test:3000"));
}

TEST(Origin, r009_a_pattern_with_a_scheme_asks_for_it) {
    EXPECT_TRUE(allows({"https://example.com"}, "https://example.com"));
    EXPECT_FALSE(allows({"https://example.com"}, "http://example.com"));
    EXPECT_TRUE(allows({"https://*.example.com"}, "https://a.example.com:8443"));
    EXPECT_TRUE(allows({"http*://example.com"}, "https://example.com"));
    EXPECT_FALSE(allows({"https://example.com:443"}, "https://example.com"));
    EXPECT_TRUE(allows({"https://example.com:8443"}, "https://example.com:8443"));
}

TEST(Origin, r009_missing_null_and_bare_origins_are_refused) {
    const Patterns patterns{"example.com", "null", "*.com", "example.com*", "ex*"};
    for (const auto* origin :
         {"",
          "null",
          "example.com",
          "//example.com",
          "https:example.com",
          "https://",
          ":",
          "://"}) {
        EXPECT_FALSE(allows(patterns, origin)) << origin;
    }
}

TEST(Origin, addresses_of_ipv6_are_hosts) {
    EXPECT_TRUE(allows({"[::1]"}, "http://[::1]"));
    EXPECT_TRUE(allows({"[::1]"}, "http://[::1]:8080"));
    EXPECT_TRUE(allows({"[::1]:8080"}, "http://[::1]:8080"));
    EXPECT_FALSE(allows({"[::1]:8080"}, "http://[::1]"));
}

}  // namespace
}  // namespace fanfare::apps
