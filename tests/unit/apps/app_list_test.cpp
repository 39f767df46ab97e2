// SPDX-License-Identifier: MIT
#include "fanfare/apps/app.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace fanfare::apps {
namespace {

config::AppSettings app_called(const std::string& name) {
    config::AppSettings settings;
    settings.id = name + "-id";
    settings.key = name + "-key";
    settings.secret = name + "-secret";
    return settings;
}

struct TwoApps {
    std::vector<config::AppSettings> settings{app_called("a"), app_called("b")};
    std::deque<AppUsage> usages{2};
};

TEST(AppList, finds_by_key_and_by_id) {
    TwoApps two;
    AppList list(two.settings, two.usages);
    ASSERT_NE(list.find_by_key("b-key"), nullptr);
    EXPECT_EQ(list.find_by_key("b-key"), list.find_by_id("b-id"));
    EXPECT_EQ(list.find_by_id("b-id")->settings().secret, "b-secret");
    EXPECT_NE(list.find_by_id("a-id"), list.find_by_id("b-id"));
}

TEST(AppList, r007_knows_no_other_key_or_id) {
    TwoApps two;
    AppList list(two.settings, two.usages);
    for (const auto* name : {"", "a", "a-id", "A-KEY", "a-key ", "a-ke"}) {
        EXPECT_EQ(list.find_by_key(name), nullptr) << name;
    }
    for (const auto* name : {"", "a", "a-key", "A-ID"}) {
        EXPECT_EQ(list.find_by_id(name), nullptr) << name;
    }
}

TEST(AppList, may_be_empty) {
    std::deque<AppUsage> usages;
    AppList list({}, usages);
    EXPECT_EQ(list.find_by_key(""), nullptr);
}

TEST(AppList, gives_an_app_the_same_index_and_count_on_every_shard) {
    TwoApps two;
    AppList here(two.settings, two.usages);
    AppList there(two.settings, two.usages);
    for (const auto* id : {"a-id", "b-id"}) {
        EXPECT_EQ(here.find_by_id(id)->index(), there.find_by_id(id)->index());
        EXPECT_EQ(&here.find_by_id(id)->connections(), &there.find_by_id(id)->connections());
    }
    EXPECT_NE(here.find_by_id("a-id")->index(), here.find_by_id("b-id")->index());
    EXPECT_NE(&here.find_by_id("a-id")->connections(), &here.find_by_id("b-id")->connections());
}

TEST(App, signs_with_its_own_secret) {
    TwoApps two;
    AppList list(two.settings, two.usages);
    HmacSha256 expected("b-secret");
    const auto hex = expected.hex("text");
    EXPECT_TRUE(list.find_by_id("b-id")->signer().verify("text", {hex.data(), hex.size()}));
    EXPECT_FALSE(list.find_by_id("a-id")->signer().verify("text", {hex.data(), hex.size()}));
}

std::string signed_with(const std::string& secret, const std::string& text) {
    const auto hex = HmacSha256(secret).hex(text);
    return {hex.data(), hex.size()};
}

/// App a has had another secret, and another key before that.
struct Rotated : TwoApps {
    Rotated() { settings[0].previous_keys = {"a-key:old-secret", "old-key:oldest:secret"}; }
};

TEST(App, is_found_by_its_previous_keys) {
    Rotated apps;
    AppList list(apps.settings, apps.usages);
    EXPECT_EQ(list.find_by_key("old-key"), list.find_by_id("a-id"));
    EXPECT_TRUE(list.find_by_id("a-id")->has_key("old-key"));
    EXPECT_FALSE(list.find_by_id("b-id")->has_key("old-key"));
    EXPECT_EQ(list.find_by_key("old-key:oldest"), nullptr);
}

TEST(App, verifies_with_each_secret_of_the_key_and_no_other) {
    Rotated apps;
    AppList list(apps.settings, apps.usages);
    App& app = *list.find_by_id("a-id");
    EXPECT_TRUE(app.verify("a-key", "text", signed_with("a-secret", "text")));
    EXPECT_TRUE(app.verify("a-key", "text", signed_with("old-secret", "text")));
    EXPECT_FALSE(app.verify("a-key", "text", signed_with("oldest:secret", "text")));
    EXPECT_TRUE(app.verify("old-key", "text", signed_with("oldest:secret", "text")));
    EXPECT_FALSE(app.verify("old-key", "text", signed_with("a-secret", "text")));
    EXPECT_FALSE(app.verify("other", "text", signed_with("a-secret", "text")));
    EXPECT_FALSE(app.verify("", "text", signed_with("a-secret", "text")));
}

TEST(App, signs_with_its_current_secret_only) {
    Rotated apps;
    AppList list(apps.settings, apps.usages);
    const auto hex = list.find_by_id("a-id")->signer().hex("text");
    EXPECT_EQ(std::string(hex.data(), hex.size()), signed_with("a-secret", "text"));
}

}  // namespace
}  // namespace fanfare::apps
