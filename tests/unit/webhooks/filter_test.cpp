// SPDX-License-Identifier: MIT
#include "fanfare/webhooks/filter.hpp"

#include <gtest/gtest.h>

namespace fanfare::webhooks {
namespace {

TEST(Filter, an_empty_one_takes_everything) {
    const config::WebhookSettings webhook;
    EXPECT_TRUE(takes(webhook, "channel_occupied", "c"));
    EXPECT_TRUE(takes(webhook, "client_event", ""));
}

TEST(Filter, r104_events_prefix_and_suffix_have_to_fit_together) {
    config::WebhookSettings webhook;
    webhook.events = {"channel_occupied", "cache_miss"};
    webhook.channel_prefix = "private-";
    webhook.channel_suffix = "-x";
    EXPECT_TRUE(takes(webhook, "cache_miss", "private-a-x"));
    EXPECT_FALSE(takes(webhook, "channel_vacated", "private-a-x"));
    EXPECT_FALSE(takes(webhook, "cache_miss", "presence-a-x"));
    EXPECT_FALSE(takes(webhook, "cache_miss", "private-a"));
    EXPECT_FALSE(takes(webhook, "cache_miss", ""));
}

TEST(Filter, an_app_wants_what_any_of_its_webhooks_takes) {
    EXPECT_FALSE(wants({}, "cache_miss"));
    std::vector<config::WebhookSettings> webhooks(2);
    webhooks[0].events = {"cache_miss"};
    webhooks[1].events = {"client_event"};
    EXPECT_TRUE(wants(webhooks, "client_event"));
    EXPECT_FALSE(wants(webhooks, "member_added"));
    webhooks[1].events.clear();
    EXPECT_TRUE(wants(webhooks, "member_added"));
}

}  // namespace
}  // namespace fanfare::webhooks
