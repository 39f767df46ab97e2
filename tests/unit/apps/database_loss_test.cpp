// SPDX-License-Identifier: MIT
#include "database_world.hpp"

namespace fanfare::apps {

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DatabaseLoss : public DatabaseWorld {
protected:
    void SetUp() override { insert("7", "k"); }
};

INSTANTIATE_TEST_SUITE_P(Sql, DatabaseLoss, all_drivers(), driver_of);

TEST_P(DatabaseLoss, while_it_is_away_known_apps_stay_and_the_rest_is_unavailable) {
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    server_->stop();
    wait_for_line("apps database away");
    EXPECT_TRUE(database->is_away());
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    EXPECT_EQ(outcome(Column::key, "unknown"), Outcome::unavailable);
    server_->start();
    insert("8", "l");
    execute("UPDATE apps SET secret = 'other' WHERE id = '7'");
    wait_for_line("apps database back");
    EXPECT_FALSE(database->is_away());
    wait_for_change("7=other");
    EXPECT_EQ(outcome(Column::key, "l"), Outcome::found);
    EXPECT_THAT(lines("[warning]"), SizeIs(1));
    EXPECT_THAT(lines("[info]"), SizeIs(2));  // reached, back
}

TEST_P(DatabaseLoss, it_may_come_later_than_we) {
    server_->stop();
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::unavailable);
    wait_for_line("apps database away");
    server_->start();
    wait_for_outcome(Column::key, "k", Outcome::found);
}

TEST_P(DatabaseLoss, a_restart_between_two_questions_is_not_noticed) {
    settings.ttl = std::chrono::seconds(3'600);
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    server_->stop();
    server_->start();
    EXPECT_EQ(outcome(Column::key, "unknown"), Outcome::absent);
    EXPECT_THAT(lines("away"), IsEmpty());
}

TEST_P(DatabaseLoss, one_that_hangs_is_away_after_the_timeout) {
    settings.ttl = std::chrono::seconds(3'600);
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    server_->freeze();
    const auto start = std::chrono::steady_clock::now();
    auto unknown = start_find(Column::key, "unknown");
    // Meanwhile it keeps nobody waiting who asks for what is known.
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
    EXPECT_EQ(unknown.get().outcome, Outcome::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_EQ(outcome(Column::key, "another"), Outcome::unavailable);
    server_->thaw();
    wait_for_outcome(Column::key, "unknown", Outcome::absent);
    EXPECT_THAT(lines("[warning]"), SizeIs(1));
    EXPECT_THAT(lines("back"), SizeIs(1));
}

TEST_P(DatabaseLoss, one_that_hangs_from_the_start_is_away_too) {
    server_->freeze();
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::unavailable);
    database.reset();  // ends, though it hangs
    server_->thaw();
}

TEST_P(DatabaseLoss, a_table_that_is_missing_is_a_database_that_is_away) {
    execute("DROP TABLE apps");
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::unavailable);
    ASSERT_THAT(lines("apps database away"), SizeIs(1));
    EXPECT_THAT(lines("apps database away")[0], HasSubstr("apps"));
    create_table();
    insert("7", "k");
    wait_for_outcome(Column::key, "k", Outcome::found);
    EXPECT_THAT(lines("[warning]"), SizeIs(1));
}

TEST_P(DatabaseLoss, a_column_that_is_missing_is_not_taken_for_a_text) {
    execute("ALTER TABLE apps RENAME COLUMN " + quoted("key") + " TO other");
    open();
    EXPECT_EQ(outcome(Column::key, "key"), Outcome::unavailable);
    EXPECT_THAT(lines("apps database away"), SizeIs(1));
}

TEST_P(DatabaseLoss, a_wrong_password_is_named_and_not_shown) {
    if (GetParam() == config::DatabaseDriver::sqlite) GTEST_SKIP() << "has no password";
    settings.password = "wr0ng-password";
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::unavailable);
    ASSERT_THAT(lines("apps database away"), SizeIs(1));
    EXPECT_THAT(lines("apps database away")[0], HasSubstr("reader"));
    EXPECT_THAT(lines("wr0ng"), IsEmpty());
}

TEST_P(DatabaseLoss, it_ends_with_questions_that_nobody_has_answered) {
    open();
    server_->freeze();
    for (int i = 0; i < 100; ++i) {
        database->find(Column::key, "key-" + std::to_string(i), [](const Database::Answer&) {});
    }
    database.reset();
    server_->thaw();
}

}  // namespace

}  // namespace fanfare::apps
