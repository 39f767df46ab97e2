// SPDX-License-Identifier: MIT
#include "database_world.hpp"

#include <thread>

namespace fanfare::apps {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DatabaseRows : public DatabaseWorld {};

INSTANTIATE_TEST_SUITE_P(Sql, DatabaseRows, all_drivers(), driver_of);

TEST_P(DatabaseRows, an_app_is_found_by_its_id_and_by_its_key) {
    execute(
        "INSERT INTO apps VALUES ('7', 'app-key', 's3cret', 100, '1', '0', 10, 20, 30, "
        "'[{\"url\": \"https://a.test\", \"event_types\": [\"member_added\"]}]')"
    );
    open();
    const auto answer = find(Column::key, "app-key");
    ASSERT_EQ(answer.outcome, Outcome::found);
    EXPECT_EQ(answer.app->id, "7");
    EXPECT_EQ(answer.app->secret, "s3cret");
    EXPECT_EQ(answer.app->max_connections, 100U);
    EXPECT_EQ(answer.app->accept_client_events_from, config::ClientEventSenders::members);
    EXPECT_FALSE(answer.app->enabled);
    EXPECT_EQ(answer.app->max_client_events_per_second, 20U);
    EXPECT_EQ(answer.app->max_api_requests_per_second, 40U);
    ASSERT_THAT(answer.app->webhooks, SizeIs(1));
    EXPECT_EQ(answer.app->webhooks[0].url, "https://a.test");
    EXPECT_EQ(find(Column::id, "7").app, answer.app);
}

TEST_P(DatabaseRows, what_no_row_has_is_absent_until_one_has) {
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
    EXPECT_EQ(outcome(Column::id, "7"), Outcome::absent);
    insert("7", "k");
    wait_for_outcome(Column::key, "k", Outcome::found);
    EXPECT_THAT(changes(), ElementsAre("7=s3cret-s3cret"));
}

TEST_P(DatabaseRows, what_is_absent_is_not_looked_for_again_at_once) {
    settings.negative_ttl = std::chrono::seconds(3'600);
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
    insert("7", "k");
    EXPECT_EQ(outcome(Column::key, "other"), Outcome::absent);
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
}

TEST_P(DatabaseRows, a_change_is_told_before_the_answer) {
    insert("7", "k");
    open();
    std::promise<std::size_t> told;
    database->find(Column::id, "7", [&](const Database::Answer&) {
        told.set_value(changes().size());
    });
    EXPECT_EQ(told.get_future().get(), 1U);
}

TEST_P(DatabaseRows, a_changed_row_is_noticed_unasked) {
    insert("7", "k");
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    execute("UPDATE apps SET secret = 'other', " + quoted("key") + " = 'new'");
    wait_for_change("7=other");
    EXPECT_EQ(outcome(Column::key, "new"), Outcome::found);
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
    EXPECT_EQ(find(Column::id, "7").app->secret, "other");
}

TEST_P(DatabaseRows, a_deleted_row_is_noticed_unasked) {
    insert("7", "k");
    insert("8", "l");
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    EXPECT_EQ(outcome(Column::key, "l"), Outcome::found);
    execute("DELETE FROM apps WHERE id = '7'");
    wait_for_change("7 gone");
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
    EXPECT_EQ(outcome(Column::key, "l"), Outcome::found);
    EXPECT_THAT(changes(), SizeIs(3));
}

TEST_P(DatabaseRows, a_wrong_row_is_no_app_and_a_line_in_the_log) {
    insert("7", "k");
    execute("UPDATE apps SET max_connections = -5");
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::absent);
    EXPECT_EQ(outcome(Column::id, "7"), Outcome::absent);
    ASSERT_THAT(lines("refused"), SizeIs(1));
    EXPECT_THAT(
        lines("refused")[0],
        HasSubstr("app row refused table=apps id=7 column=max_connections value=\"-5\" "
                  "expected=\"a number from 1 to 4294967295, or -1 or NULL for no limit\"")
    );
    execute("UPDATE apps SET max_connections = 5");
    wait_for_outcome(Column::key, "k", Outcome::found);
}

TEST_P(DatabaseRows, an_app_whose_row_becomes_wrong_stays_as_it_was) {
    insert("7", "k");
    open();
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    execute("UPDATE apps SET secret = ''");
    wait_for_line("refused");
    EXPECT_EQ(find(Column::key, "k").app->secret, "s3cret-s3cret");
    execute("UPDATE apps SET secret = 'other'");
    wait_for_change("7=other");
    EXPECT_THAT(changes(), SizeIs(2));
    EXPECT_THAT(lines("refused"), SizeIs(1));
}

TEST_P(DatabaseRows, a_value_is_never_part_of_the_statement) {
    insert("7", "k");
    open();
    for (const std::string& value : std::vector<std::string>{
             "'",
             "k'--",
             "'OR'1'='1",
             "');DROP",
             "\\",
             "k\\'",
             "\"",
             "`",
             "%",
             "_",
             "$1",
             "?",
             "",
             "k k",
             std::string("k\0", 2),
             "\xff\xfe",
             std::string(100'000, 'k')}) {
        EXPECT_EQ(outcome(Column::key, value), Outcome::absent) << value.substr(0, 20);
        EXPECT_EQ(outcome(Column::id, value), Outcome::absent) << value.substr(0, 20);
    }
    EXPECT_EQ(outcome(Column::key, "k"), Outcome::found);
    EXPECT_THAT(lines("away"), IsEmpty());
}

TEST_P(DatabaseRows, letters_of_all_scripts_are_told_apart_and_so_is_case) {
    insert("приложение", "🎺");
    insert("8", "Key");
    open();
    EXPECT_EQ(find(Column::id, "приложение").app->key, "🎺");
    EXPECT_EQ(find(Column::key, "🎺").app->id, "приложение");
    EXPECT_EQ(outcome(Column::key, "🥁"), Outcome::absent);
    EXPECT_EQ(outcome(Column::key, "kEY"), Outcome::absent);
    EXPECT_EQ(outcome(Column::key, "Kéy"), Outcome::absent);
    EXPECT_EQ(outcome(Column::key, "Key"), Outcome::found);
}

TEST_P(DatabaseRows, letters_that_the_table_cannot_have_are_absent) {
    if (GetParam() == config::DatabaseDriver::mysql) {
        execute("ALTER TABLE apps CONVERT TO CHARACTER SET latin1");
    }
    insert("7", "k");
    open();
    auto known = start_find(Column::key, "k");
    EXPECT_EQ(outcome(Column::key, "приложение"), Outcome::absent);
    EXPECT_EQ(known.get().outcome, Outcome::found);
    EXPECT_THAT(lines("away"), IsEmpty());
}

TEST_P(DatabaseRows, the_id_may_be_a_number) {
    execute("DROP TABLE apps");
    create_table("bigint");
    insert("7", "k");
    open();
    EXPECT_EQ(find(Column::id, "7").app->key, "k");
    EXPECT_EQ(outcome(Column::id, "seven"), Outcome::absent);
    EXPECT_EQ(outcome(Column::id, "7x"), Outcome::absent);
    execute("UPDATE apps SET secret = 'other'");
    wait_for_change("7=other");
}

TEST_P(DatabaseRows, other_columns_may_be_there) {
    execute("ALTER TABLE apps ADD COLUMN created_at timestamp NULL");
    execute("ALTER TABLE apps ADD COLUMN max_event_payload_in_kb int NULL");
    execute("ALTER TABLE apps ADD COLUMN allowed_origins text NULL");
    insert("7", "k");
    execute("UPDATE apps SET max_event_payload_in_kb = 4, allowed_origins = '[\"a.test\"]'");
    open();
    const auto answer = find(Column::key, "k");
    ASSERT_EQ(answer.outcome, Outcome::found);
    EXPECT_EQ(answer.app->max_event_data, 4'096U);
    EXPECT_THAT(answer.app->allowed_origins, ElementsAre("a.test"));
}

TEST_P(DatabaseRows, long_values_arrive_whole) {
    std::string urls;
    for (int i = 0; i < 2'000; ++i) {
        urls += (i == 0 ? "\"" : ", \"") + ("https://a.test/" + std::to_string(i)) + "\"";
    }
    insert("7", "k");
    execute("UPDATE apps SET webhooks = '[" + urls + "]'");
    open();
    EXPECT_THAT(find(Column::key, "k").app->webhooks, SizeIs(2'000));
}

TEST_P(DatabaseRows, many_threads_may_ask_at_once) {
    for (int i = 0; i < 20; ++i) insert(std::to_string(i), "key-" + std::to_string(i));
    open();
    std::atomic<int> found{0};
    std::atomic<int> absent{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 1'000; ++j) {
                database->find(
                    Column::key,
                    "key-" + std::to_string(j),
                    [&](const Database::Answer& answer) {
                        ++(answer.outcome == Outcome::found ? found : absent);
                    }
                );
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    testing::wait_until([&] { return found + absent == 4'000; }, "not all are answered");
    EXPECT_EQ(found, 80);
    EXPECT_THAT(changes(), SizeIs(20));
}

TEST_P(DatabaseRows, more_apps_than_one_query_asks_for_are_looked_at_again) {
    for (int i = 0; i < 250; ++i) insert(std::to_string(i), "key-" + std::to_string(i));
    open();
    std::vector<std::future<Database::Answer>> answers;
    for (int i = 0; i < 250; ++i) answers.push_back(start_find(Column::id, std::to_string(i)));
    for (auto& answer : answers) EXPECT_EQ(answer.get().outcome, Outcome::found);
    execute("UPDATE apps SET secret = 'other'");
    testing::wait_until([&] { return changes().size() == 500; }, "not all changes are noticed");
}

TEST_P(DatabaseRows, a_question_may_be_asked_in_an_answer) {
    insert("7", "k");
    open();
    std::promise<Outcome> second;
    database->find(Column::key, "other", [&](const Database::Answer&) {
        database->find(Column::key, "k", [&](const Database::Answer& answer) {
            second.set_value(answer.outcome);
        });
    });
    EXPECT_EQ(second.get_future().get(), Outcome::found);
}

}  // namespace

}  // namespace fanfare::apps
