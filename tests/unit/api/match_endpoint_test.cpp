// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace fanfare::api {
namespace {

/// `METHOD subject`, or nothing.
std::string match(std::string_view path) {
    const auto found = match_endpoint(path);
    return found ? std::string(found->method) + " " + found->subject : "";
}

TEST(MatchEndpoint, knows_the_endpoints_of_an_app) {
    EXPECT_EQ(match("events"), "POST ");
    EXPECT_EQ(match("batch_events"), "POST ");
    EXPECT_EQ(match("channels"), "GET ");
    EXPECT_EQ(match("channels/a"), "GET a");
    EXPECT_EQ(match("channels/presence-a/users"), "GET presence-a");
    EXPECT_EQ(match("connections"), "GET ");
    EXPECT_EQ(match("users/7/terminate_connections"), "POST 7");
}

TEST(MatchEndpoint, tells_endpoints_apart) {
    const auto list = match_endpoint("channels");
    const auto show = match_endpoint("channels/users");
    const auto users = match_endpoint("channels/a/users");
    ASSERT_TRUE(list && show && users);
    EXPECT_NE(list->endpoint, show->endpoint);
    EXPECT_NE(show->endpoint, users->endpoint);
    EXPECT_NE(match_endpoint("events")->endpoint, match_endpoint("batch_events")->endpoint);
}

TEST(MatchEndpoint, knows_the_route_of_each) {
    const std::vector<std::pair<const char*, HttpRoute>> routes{
        {"events", HttpRoute::events},
        {"batch_events", HttpRoute::batch_events},
        {"channels", HttpRoute::channels},
        {"channels/a", HttpRoute::channel},
        {"channels/a/users", HttpRoute::users},
        {"connections", HttpRoute::connections},
        {"users/1/terminate_connections", HttpRoute::terminate_connections}};
    for (const auto& [path, route] : routes) EXPECT_EQ(match_endpoint(path)->route, route) << path;
}

TEST(MatchEndpoint, r091_decodes_a_name_after_it_was_found) {
    EXPECT_EQ(match("channels/a%2Fb"), "GET a/b");
    EXPECT_EQ(match("channels/a%2Fusers"), "GET a/users");
    EXPECT_EQ(match("users/a%20b+c%23/terminate_connections"), "POST a b+c#");
    EXPECT_EQ(match("channels/%"), "GET %");
}

TEST(MatchEndpoint, r094_knows_nothing_else) {
    for (const std::string_view path :
         {"",
          "/",
          "event",
          "Events",
          "events/",
          "events/a",
          "/events",
          "channels/",
          "channels//users",
          "channels/a/",
          "channels/a/users/",
          "channels/a/users/b",
          "channels/a/user",
          "users",
          "users/7",
          "users//terminate_connections",
          "connections/1",
          "%65vents"}) {
        EXPECT_EQ(match(path), "") << path;
    }
}

}  // namespace
}  // namespace fanfare::api
