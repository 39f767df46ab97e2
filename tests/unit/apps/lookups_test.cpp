// SPDX-License-Identifier: MIT
#include "lookups.hpp"

#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <chrono>

namespace fanfare::apps {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Column = Database::Column;
using Outcome = Database::Outcome;

config::AppsDatabaseSettings database_settings() {
    config::AppsDatabaseSettings settings;
    settings.driver = config::DatabaseDriver::sqlite;
    return settings;
}

class LookupsTest : public ::testing::Test {
protected:
    void ask(Column column, const std::string& value) {
        const auto note = [this, value](const Database::Answer& answer) {
            constexpr std::array names{"found", "absent", "unavailable"};
            answers.push_back(value + " " + names.at(static_cast<std::size_t>(answer.outcome)));
        };
        lookups.ask({column, value, note}, now);
    }

    /// The values of the next query; empty if there is none.
    std::vector<std::string> next_values() {
        const auto query = lookups.next_query(now);
        return query ? query->values : std::vector<std::string>{};
    }

    void finish(const std::vector<std::string>& ids, const std::string& secret = "s") {
        sql::Rows rows;
        for (const std::string& id : ids) {
            rows.push_back({{"id", id}, {"key", "key-of-" + id}, {"secret", secret}});
        }
        lookups.finish(rows, now);
    }

    void fail(sql::Failure::Kind kind = sql::Failure::Kind::lost) {
        lookups.finish(sql::Failure(kind, "reason"), now);
    }

    void come_up() {
        EXPECT_THAT(next_values(), ElementsAre("fanfare-probe"));
        finish({});
    }

    Clock::TimePoint now{std::chrono::hours(1)};
    std::vector<std::string> answers;
    std::vector<std::string> changes;
    spdlog::logger log{"apps", std::make_shared<spdlog::sinks::null_sink_mt>()};
    Lookups lookups{
        database_settings(),
        [this](const std::string& id, const config::SharedAppSettings& app) {
            changes.push_back(id + (app == nullptr ? " gone" : "=" + app->secret));
        },
        [] { return 0; },  // pauses of 25 ms, 50 ms …
        log};
};

// At first it is not known whether the database is there: questions wait for the probe.
TEST_F(LookupsTest, questions_wait_for_the_first_probe) {
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), ElementsAre("fanfare-probe"));
    EXPECT_THAT(next_values(), IsEmpty());  // one at a time
    finish({});
    EXPECT_THAT(next_values(), ElementsAre("7"));
    finish({"7"});
    EXPECT_THAT(answers, ElementsAre("7 found"));
    EXPECT_THAT(changes, ElementsAre("7=s"));
}

TEST_F(LookupsTest, questions_of_one_column_share_a_query) {
    come_up();
    for (const char* const id : {"1", "2", "2"}) ask(Column::id, id);
    ask(Column::key, "key-of-2");
    ask(Column::key, "key-of-3");
    EXPECT_THAT(next_values(), ElementsAre("1", "2"));
    finish({"2"});
    EXPECT_THAT(answers, ElementsAre("1 absent", "2 found", "2 found"));
    EXPECT_THAT(next_values(), ElementsAre("key-of-3"));  // the other one is known
    EXPECT_THAT(answers, SizeIs(4));
}

TEST_F(LookupsTest, while_away_nobody_waits) {
    come_up();
    ask(Column::id, "7");
    ask(Column::key, "k");
    EXPECT_THAT(next_values(), SizeIs(1));
    fail();
    EXPECT_THAT(answers, ElementsAre("7 unavailable", "k unavailable"));
    ask(Column::id, "8");
    EXPECT_THAT(answers, SizeIs(3));
    EXPECT_THAT(next_values(), IsEmpty());
    EXPECT_EQ(lookups.next_due(), now + 25ms);
    now += 25ms;
    EXPECT_THAT(next_values(), ElementsAre("fanfare-probe"));
    ask(Column::id, "9");
    EXPECT_THAT(answers, SizeIs(4));
    fail();
    EXPECT_EQ(lookups.next_due(), now + 50ms);
    now += 50ms;
    come_up();
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), ElementsAre("7"));
}

TEST_F(LookupsTest, a_query_that_takes_too_long_is_a_loss) {
    come_up();
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), SizeIs(1));
    EXPECT_EQ(lookups.next_due(), now + 5s);
    now += 5s;
    EXPECT_THAT(next_values(), IsEmpty());
    EXPECT_THAT(answers, ElementsAre("7 unavailable"));
    now += 1h;
    EXPECT_THAT(next_values(), IsEmpty());  // the worker still waits
    finish({"7"});
    EXPECT_THAT(changes, IsEmpty());
    come_up();
}

TEST_F(LookupsTest, known_apps_are_looked_at_each_ttl) {
    come_up();
    ask(Column::id, "7");
    ask(Column::id, "8");
    EXPECT_THAT(next_values(), SizeIs(2));
    finish({"7", "8"});
    EXPECT_EQ(lookups.next_due(), now + 60s);
    now += 60s;
    EXPECT_THAT(next_values(), ElementsAre("7", "8"));
    finish({"8"}, "new");
    EXPECT_THAT(changes, ElementsAre("7=s", "8=s", "7 gone", "8=new"));
    now += 60s;
    EXPECT_THAT(next_values(), ElementsAre("8"));
    finish({"8"}, "new");
    EXPECT_THAT(changes, SizeIs(4));
}

TEST_F(LookupsTest, what_was_not_looked_at_for_a_loss_is_when_it_is_back) {
    come_up();
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), SizeIs(1));
    finish({"7"});
    now += 60s;
    EXPECT_THAT(next_values(), ElementsAre("7"));
    fail();
    EXPECT_THAT(changes, ElementsAre("7=s"));
    now += 1s;
    come_up();
    EXPECT_THAT(next_values(), ElementsAre("7"));
}

TEST_F(LookupsTest, neither_questions_nor_looks_keep_the_others_waiting) {
    come_up();
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), SizeIs(1));
    finish({"7"});
    now += 60s;
    for (int i = 100; i < 400; ++i) ask(Column::id, std::to_string(i));
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 4; ++i) {
        sizes.push_back(next_values().size());
        finish({"7"});
    }
    EXPECT_THAT(sizes, ::testing::UnorderedElementsAre(1, 100, 100, 100));
    EXPECT_EQ(std::count(sizes.begin(), sizes.begin() + 2, 1U), 1);
}

TEST_F(LookupsTest, there_is_a_bound_to_what_waits) {
    for (int i = 0; i < 10'001; ++i) ask(Column::id, std::to_string(i));
    EXPECT_THAT(answers, ElementsAre("10000 unavailable"));
}

TEST_F(LookupsTest, what_no_app_can_have_is_not_asked_for) {
    come_up();
    for (const std::string& value :
         {std::string(),
          std::string("a b"),
          std::string("a/b"),
          std::string(256, 'a'),
          std::string("\xff")}) {
        ask(Column::key, value);
    }
    EXPECT_THAT(answers, SizeIs(5));
    EXPECT_THAT(next_values(), IsEmpty());
}

// A query may fail for a letter that the table's character set has not. That is no loss, and no
// other question suffers from it.
TEST_F(LookupsTest, a_letter_that_is_refused_is_absent_and_no_loss) {
    come_up();
    ask(Column::id, "é");
    ask(Column::id, "ü");
    ask(Column::id, "7");
    EXPECT_THAT(next_values(), SizeIs(2));
    fail(sql::Failure::Kind::refused);
    EXPECT_THAT(answers, ElementsAre("é absent", "ü absent"));
    EXPECT_THAT(next_values(), ElementsAre("7"));
    fail(sql::Failure::Kind::refused);
    EXPECT_THAT(answers, ElementsAre("é absent", "ü absent", "7 unavailable"));
}

TEST_F(LookupsTest, an_app_whose_key_another_had_for_a_while_gets_it_back) {
    const auto rows = [](const std::string& id) {
        return sql::Rows{{{"id", id}, {"key", "shared"}, {"secret", "s"}}};
    };
    come_up();
    ask(Column::key, "shared");
    EXPECT_THAT(next_values(), SizeIs(1));
    lookups.finish(rows("a"), now);
    ask(Column::id, "b");
    EXPECT_THAT(next_values(), SizeIs(1));
    lookups.finish(rows("b"), now);
    now += 60s;
    EXPECT_THAT(next_values(), ElementsAre("a", "b"));
    lookups.finish(rows("a"), now);  // the other row has gone
    EXPECT_THAT(changes, ElementsAre("a=s", "b=s", "b gone", "a=s"));
    ask(Column::key, "shared");
    EXPECT_THAT(next_values(), IsEmpty());
    EXPECT_EQ(answers.back(), "shared found");
}

// MySQL finds `KEY` where `key` is asked for.
TEST_F(LookupsTest, a_row_that_is_only_nearly_what_was_asked_for_is_none) {
    come_up();
    ask(Column::id, "APP");
    EXPECT_THAT(next_values(), SizeIs(1));
    finish({"app"});
    EXPECT_THAT(answers, ElementsAre("APP absent"));
    EXPECT_THAT(changes, IsEmpty());
}

TEST_F(LookupsTest, absent_is_forgotten_in_time_and_when_there_is_too_much_of_it) {
    come_up();
    const auto ask_for = [this](int first, int count) {
        for (int i = first; i < first + count; ++i) ask(Column::id, std::to_string(i));
        while (!next_values().empty()) finish({});
    };
    ask_for(0, 10'000);
    ask(Column::id, "0");
    EXPECT_THAT(next_values(), IsEmpty());
    ask_for(10'000, 1);
    ask(Column::id, "0");
    EXPECT_THAT(next_values(), ElementsAre("0"));
    finish({});
    now += 10s;
    ask(Column::id, "9999");
    EXPECT_THAT(next_values(), ElementsAre("9999"));
}

}  // namespace

}  // namespace fanfare::apps
