// SPDX-License-Identifier: MIT
#include "fanfare/apps/app.hpp"

#include <gtest/gtest.h>

#include <memory>
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

config::SharedAppSettings shared(const config::AppSettings& settings) {
    return std::make_shared<const config::AppSettings>(settings);
}

class AppListTest : public ::testing::Test {
protected:
    AppListTest() {
        for (const config::AppSettings& app : {a_, b_}) {
            table_.add([&](KnownApp& added) { added.id = app.id; });
        }
        set_both(list_);
    }

    void set_both(AppList& list) {
        list.set(0, shared(a_));
        list.set(1, shared(b_));
    }

    config::AppSettings a_ = app_called("a");
    config::AppSettings b_ = app_called("b");
    AppTable table_;
    AppList list_{table_};
};

TEST_F(AppListTest, finds_by_key_and_by_id) {
    ASSERT_NE(list_.find_by_key("b-key"), nullptr);
    EXPECT_EQ(list_.find_by_key("b-key"), list_.find_by_id("b-id"));
    EXPECT_EQ(list_.find_by_id("b-id")->settings().secret, "b-secret");
    EXPECT_NE(list_.find_by_id("a-id"), list_.find_by_id("b-id"));
}

TEST_F(AppListTest, r007_knows_no_other_key_or_id) {
    for (const auto* name : {"", "a", "a-id", "A-KEY", "a-key ", "a-ke"}) {
        EXPECT_EQ(list_.find_by_key(name), nullptr) << name;
    }
    for (const auto* name : {"", "a", "a-key", "A-ID"}) {
        EXPECT_EQ(list_.find_by_id(name), nullptr) << name;
    }
}

TEST_F(AppListTest, gives_an_app_the_same_index_and_count_on_every_shard) {
    AppList there(table_);
    set_both(there);
    for (const auto* id : {"a-id", "b-id"}) {
        EXPECT_EQ(list_.find_by_id(id)->index(), there.find_by_id(id)->index());
        EXPECT_EQ(&list_.find_by_id(id)->connections(), &there.find_by_id(id)->connections());
    }
    EXPECT_NE(&list_.find_by_id("a-id")->connections(), &list_.find_by_id("b-id")->connections());
}

// ---- changes

TEST_F(AppListTest, a_change_reaches_those_who_hold_the_app) {
    App& app = *list_.find_by_id("a-id");
    a_.max_subscriptions = 7;
    EXPECT_EQ(list_.set(0, shared(a_)), nullptr);
    EXPECT_EQ(app.settings().max_subscriptions, 7U);
    EXPECT_EQ(list_.find_by_key("a-key"), &app);
}

TEST_F(AppListTest, a_removed_app_is_not_found_and_comes_back_as_the_same) {
    App& app = *list_.find_by_id("a-id");
    EXPECT_EQ(list_.set(0, nullptr), &app);
    EXPECT_TRUE(app.is_removed());
    EXPECT_EQ(app.settings().id, "a-id");
    EXPECT_EQ(list_.find_by_id("a-id"), nullptr);
    EXPECT_EQ(list_.find_by_key("a-key"), nullptr);
    list_.set(0, shared(a_));
    EXPECT_EQ(list_.find_by_key("a-key"), &app);
    EXPECT_FALSE(app.is_removed());
}

TEST_F(AppListTest, an_app_that_never_was_cannot_be_removed) {
    table_.add([](KnownApp& added) { added.id = "c-id"; });
    EXPECT_EQ(list_.set(2, nullptr), nullptr);
}

TEST_F(AppListTest, a_key_that_connections_came_by_is_missed_when_it_goes) {
    App& app = *list_.find_by_id("a-id");
    const std::uint32_t old_key = app.number_of("a-key");
    a_.key = "new-key";
    a_.previous_keys = {"a-key:a-secret"};
    EXPECT_EQ(list_.set(0, shared(a_)), nullptr);
    const std::uint32_t new_key = app.number_of("new-key");
    EXPECT_NE(old_key, new_key);
    EXPECT_TRUE(app.has_key_number(old_key));

    a_.previous_keys.clear();
    EXPECT_EQ(list_.set(0, shared(a_)), &app);
    EXPECT_FALSE(app.has_key_number(old_key));
    EXPECT_TRUE(app.has_key_number(new_key));
    EXPECT_EQ(list_.set(0, shared(a_)), nullptr);  // it is missed once
    EXPECT_EQ(list_.find_by_key("a-key"), nullptr);
    EXPECT_EQ(list_.find_by_key("new-key"), &app);
}

TEST_F(AppListTest, a_key_that_nobody_came_by_is_not_missed) {
    a_.key = "new-key";
    EXPECT_EQ(list_.set(0, shared(a_)), nullptr);
}

TEST_F(AppListTest, disabling_an_app_may_end_connections) {
    a_.enabled = false;
    EXPECT_EQ(list_.set(0, shared(a_)), list_.find_by_id("a-id"));
}

TEST_F(AppListTest, a_key_may_go_from_one_app_to_another_in_any_order) {
    for (const bool is_giver_first : {true, false}) {
        AppList list(table_);
        set_both(list);
        auto giver = a_;
        giver.key = "other-key";
        auto taker = b_;
        taker.key = "a-key";
        if (is_giver_first) list.set(0, shared(giver));
        list.set(1, shared(taker));
        if (!is_giver_first) list.set(0, shared(giver));
        EXPECT_EQ(list.find_by_key("a-key"), list.find_by_id("b-id"));
        EXPECT_EQ(list.find_by_key("other-key"), list.find_by_id("a-id"));
        EXPECT_EQ(list.find_by_key("b-key"), nullptr);
    }
}

// ---- secrets

std::string signed_with(const std::string& secret, const std::string& text) {
    const auto hex = HmacSha256(secret).hex(text);
    return {hex.data(), hex.size()};
}

TEST_F(AppListTest, an_app_signs_with_its_own_secret) {
    const std::string signature = signed_with("b-secret", "text");
    EXPECT_TRUE(list_.find_by_id("b-id")->signer().verify("text", signature));
    EXPECT_FALSE(list_.find_by_id("a-id")->signer().verify("text", signature));
}

TEST_F(AppListTest, an_app_is_found_by_its_previous_keys) {
    a_.previous_keys = {"a-key:old-secret", "old-key:oldest:secret"};
    list_.set(0, shared(a_));
    EXPECT_EQ(list_.find_by_key("old-key"), list_.find_by_id("a-id"));
    EXPECT_TRUE(list_.find_by_id("a-id")->has_key("old-key"));
    EXPECT_FALSE(list_.find_by_id("b-id")->has_key("old-key"));
    EXPECT_EQ(list_.find_by_key("old-key:oldest"), nullptr);
}

TEST_F(AppListTest, verifies_with_each_secret_of_the_key_and_no_other) {
    a_.previous_keys = {"a-key:old-secret", "old-key:oldest:secret"};
    list_.set(0, shared(a_));
    App& app = *list_.find_by_id("a-id");
    EXPECT_TRUE(app.verify("a-key", "text", signed_with("a-secret", "text")));
    EXPECT_TRUE(app.verify("a-key", "text", signed_with("old-secret", "text")));
    EXPECT_FALSE(app.verify("a-key", "text", signed_with("oldest:secret", "text")));
    EXPECT_TRUE(app.verify("old-key", "text", signed_with("oldest:secret", "text")));
    EXPECT_FALSE(app.verify("old-key", "text", signed_with("a-secret", "text")));
    EXPECT_FALSE(app.verify("other", "text", signed_with("a-secret", "text")));
    EXPECT_FALSE(app.verify("", "text", signed_with("a-secret", "text")));
    const auto hex = app.signer().hex("text");
    EXPECT_EQ(std::string(hex.data(), hex.size()), signed_with("a-secret", "text"));
}

}  // namespace
}  // namespace fanfare::apps
