// SPDX-License-Identifier: MIT
#pragma once

#include "app_cache.hpp"
#include "sql/app_row.hpp"
#include "sql/worker.hpp"

#include "fanfare/base/backoff.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::apps {

/// What is asked of the database when, and what follows from its answers; without threads, clock
/// and I/O. One query is under way at a time.
///
///   unproven ──rows──▶ up ──failure──▶ away ──pause, then a probe that gives rows──▶ up
///       └──────────────────failure──────▶
///
/// While it is away nobody waits: only the probe is asked, and questions are answered from the
/// cache, or are unavailable. A query that takes too long makes it away as well; what it brings at
/// last is not listened to, but nothing else can be asked before.
class Lookups {
public:
    using TimePoint = Clock::TimePoint;

    struct Question {
        Database::Column column;
        std::string value;
        Database::Done done;
    };

    Lookups(
        const config::AppsDatabaseSettings& settings,
        Database::OnChange on_change,
        RandomSource random,
        spdlog::logger& log
    );

    /// Answered at once if the database is not needed, or not to be had.
    void ask(Question question, TimePoint now);

    /// To be asked of the database now; then call finish(). Nothing while a query is under way.
    [[nodiscard]] std::optional<sql::Query> next_query(TimePoint now);

    void finish(const sql::Result& result, TimePoint now);

    /// When next_query() has to be called though nothing has happened.
    [[nodiscard]] TimePoint next_due() const;

    /// Any thread.
    [[nodiscard]] bool is_away() const { return state_ == State::away; }

private:
    enum class State { unproven, up, away };

    /// A probe has neither questions nor ids.
    struct Job {
        Database::Column column = Database::Column::id;
        std::vector<Question> questions;
        std::vector<std::string> ids;  ///< of apps whose rows are looked at again
        TimePoint deadline{};
        bool is_overdue = false;
    };

    void take_questions(Job& job, TimePoint now);
    [[nodiscard]] sql::Query start(Job job, TimePoint now);
    void give_up_waiting(TimePoint now);
    void take_back(Job job, TimePoint now);
    void come_up();
    void go_away(std::string_view reason, TimePoint now);
    [[nodiscard]] bool set_strange_values_aside(Job& job, TimePoint now);
    void read_rows(const sql::Rows& rows, const Job& job, TimePoint now);
    void complain(const sql::AppRow& row);

    const config::AppsDatabaseSettings settings_;
    spdlog::logger& log_;
    AppCache cache_;
    Backoff backoff_;
    std::atomic<State> state_{State::unproven};
    std::optional<TimePoint> retry_at_;  // while away
    std::optional<Job> job_;
    std::deque<Question> waiting_;
    bool checks_next_ = false;  // so that neither questions nor checks keep the others waiting
    std::map<std::string, std::string, std::less<>> complaints_;  // by the rows' ids
};

}  // namespace fanfare::apps
