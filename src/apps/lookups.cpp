// SPDX-License-Identifier: MIT
#include "lookups.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/base/utf8.hpp"
#include "fanfare/config/table.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

namespace fanfare::apps {

namespace {

using Column = Database::Column;
using Outcome = Database::Outcome;

constexpr std::size_t max_value_bytes = 255;
constexpr std::size_t max_waiting = 10'000;
constexpr std::size_t max_values_of_a_query = 100;
constexpr std::size_t max_complaints = 1'000;
constexpr std::string_view probe = "fanfare-probe";

std::string_view name_of(Column column) {
    return column == Column::id ? "id" : "key";
}

std::string_view driver_name(config::DatabaseDriver driver) {
    switch (driver) {
        case config::DatabaseDriver::sqlite:
            return "sqlite";
        case config::DatabaseDriver::postgres:
            return "postgres";
        case config::DatabaseDriver::mysql:
            return "mysql";
        case config::DatabaseDriver::none:
        case config::DatabaseDriver::laravel:
            break;
    }
    return "none";
}

/// What no app may have need not be looked for; it might also be refused by the database.
bool can_be_an_apps(Column column, const std::string& value) {
    if (value.size() > max_value_bytes || !is_valid_utf8(value)) return false;
    const std::string_view key = column == Column::id ? "app_id" : "key";
    for (const auto& setting : config::table<config::AppSettings>()) {
        if (setting.about.key == key) {
            return config::parse_text(setting.about.rule, value).has_value();
        }
    }
    return false;
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

/// A library's words in a line of the log. libpq's have several lines, and end in one more.
std::string one_line(std::string_view text) {
    constexpr std::size_t longest = 300;
    std::string line;
    for (const char c : text.substr(0, longest)) {
        const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        line += is_control ? ' ' : c == '"' ? '\'' : c;
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

void answer(const Lookups::Question& question, Outcome outcome) {
    question.done(Database::Answer{outcome, nullptr});
}

/// Whether one query may ask both. Letters that the table cannot have fail the whole query, so they
/// are asked apart.
bool is_alike(const Lookups::Question& one, const Lookups::Question& other) {
    return one.column == other.column && is_ascii(one.value) == is_ascii(other.value);
}

}  // namespace

Lookups::Lookups(
    const config::AppsDatabaseSettings& settings,
    Database::OnChange on_change,
    RandomSource random,
    spdlog::logger& log
)
    : settings_(settings),
      log_(log),
      cache_(settings.ttl, settings.negative_ttl, std::move(on_change)),
      backoff_(std::move(random)) {}

void Lookups::ask(Question question, TimePoint now) {
    if (!can_be_an_apps(question.column, question.value)) return answer(question, Outcome::absent);
    if (const auto known = cache_.find(question.column, question.value, now)) {
        return question.done(*known);
    }
    if (state_ == State::away || waiting_.size() >= max_waiting) {
        return answer(question, Outcome::unavailable);
    }
    waiting_.push_back(std::move(question));
}

std::optional<sql::Query> Lookups::next_query(TimePoint now) {
    if (job_) {
        if (now >= job_->deadline && !job_->is_overdue) give_up_waiting(now);
        return std::nullopt;
    }
    if (retry_at_ && now < *retry_at_) return std::nullopt;
    Job job;
    if (state_ != State::up) return start(std::move(job), now);
    const bool checks_first = std::exchange(checks_next_, !checks_next_);
    if (checks_first) job.ids = cache_.take_due(now, max_values_of_a_query);
    if (job.ids.empty()) take_questions(job, now);
    if (job.questions.empty() && job.ids.empty()) {
        job.ids = cache_.take_due(now, max_values_of_a_query);
    }
    if (job.questions.empty() && job.ids.empty()) return std::nullopt;
    return start(std::move(job), now);
}

/// The worker goes on waiting, and can do nothing else.
void Lookups::give_up_waiting(TimePoint now) {
    Job job = std::exchange(*job_, Job{});
    job_->is_overdue = true;
    take_back(std::move(job), now);
    go_away("no answer within the timeout", now);
}

void Lookups::take_back(Job job, TimePoint now) {
    cache_.put_back(job.ids, now);
    waiting_.insert(
        waiting_.begin(),
        std::make_move_iterator(job.questions.begin()),
        std::make_move_iterator(job.questions.end())
    );
}

/// Those about one column, as far as the answer to an earlier one is not theirs too.
void Lookups::take_questions(Job& job, TimePoint now) {
    while (!waiting_.empty() && job.questions.size() < max_values_of_a_query) {
        Question& next = waiting_.front();
        const auto known = cache_.find(next.column, next.value, now);
        if (!known && !job.questions.empty() && !is_alike(next, job.questions.front())) return;
        Question question = std::move(next);
        waiting_.pop_front();
        if (known) {
            question.done(*known);
        } else {
            job.column = question.column;
            job.questions.push_back(std::move(question));
        }
    }
}

sql::Query Lookups::start(Job job, TimePoint now) {
    job.deadline = now + settings_.timeout;
    std::set<std::string> values(job.ids.begin(), job.ids.end());
    for (const Question& question : job.questions) values.insert(question.value);
    if (values.empty()) values.emplace(probe);
    sql::Query query{name_of(job.column), {values.begin(), values.end()}};
    job_ = std::move(job);
    return query;
}

void Lookups::finish(const sql::Result& result, TimePoint now) {
    Job job = std::move(*std::exchange(job_, std::nullopt));
    if (job.is_overdue) return;
    if (const auto* rows = std::get_if<sql::Rows>(&result)) {
        come_up();
        return read_rows(*rows, job, now);
    }
    const auto& failure = std::get<sql::Failure>(result);
    const bool is_refused = failure.kind == sql::Failure::Kind::refused;
    const bool was_strange = is_refused && set_strange_values_aside(job, now);
    take_back(std::move(job), now);
    if (!was_strange) go_away(failure.what(), now);
}

/// A database in another character set than ours may have no such letters, which is an error of the
/// query. Then no row has them; if the error has another reason, the next query shows it.
bool Lookups::set_strange_values_aside(Job& job, TimePoint now) {
    if (job.questions.empty() || is_ascii(job.questions.front().value)) return false;
    for (Question& question : job.questions) {
        cache_.add_absent(question.column, question.value, now);
        answer(question, Outcome::absent);
    }
    job.questions.clear();
    return true;
}

Lookups::TimePoint Lookups::next_due() const {
    if (job_) return job_->is_overdue ? TimePoint::max() : job_->deadline;
    if (retry_at_) return *retry_at_;
    if (state_ != State::up || !waiting_.empty()) return TimePoint::min();
    return cache_.next_due();
}

void Lookups::come_up() {
    if (state_ == State::up) return;
    log_.info(
        "apps database {} driver={} table={}",
        state_ == State::away ? "back" : "reached",
        driver_name(settings_.driver),
        settings_.table
    );
    state_ = State::up;
    retry_at_.reset();
    backoff_.reset();
}

void Lookups::go_away(std::string_view reason, TimePoint now) {
    log_.log(
        state_ == State::away ? spdlog::level::debug : spdlog::level::warn,
        "apps database away driver={} table={} reason=\"{}\"",
        driver_name(settings_.driver),
        settings_.table,
        one_line(reason)
    );
    state_ = State::away;
    retry_at_ = now + backoff_.next();
    // Moved out, as an answer may lead to the next question.
    for (const Question& question : std::exchange(waiting_, {})) {
        answer(question, Outcome::unavailable);
    }
}

void Lookups::read_rows(const sql::Rows& rows, const Job& job, TimePoint now) {
    const std::string_view column = name_of(job.column);
    std::set<std::string_view> asked(job.ids.begin(), job.ids.end());
    for (const Question& question : job.questions) asked.insert(question.value);
    std::vector<sql::AppRow> found;
    std::set<std::string> seen;
    for (const sql::Row& row : rows) {
        // MySQL compares without case, and more.
        if (!asked.contains(sql::value_of(row, column))) continue;
        found.push_back(sql::read_app_row(row));
        seen.insert(found.back().id);
    }
    // First, so that their keys are free for others.
    for (const std::string& id : job.ids) {
        if (!seen.contains(id)) cache_.remove(id);
    }
    for (sql::AppRow& row : found) {
        if (row.app == nullptr) {
            complain(row);
            cache_.put_off(row.id, now);
        } else {
            complaints_.erase(row.id);
            cache_.keep(std::move(row.app), now);
        }
    }
    for (const Question& question : job.questions) {
        if (!cache_.find(question.column, question.value, now)) {
            cache_.add_absent(question.column, question.value, now);
        }
        const auto known = cache_.find(question.column, question.value, now);
        question.done(known.value_or(Database::Answer{Outcome::absent, nullptr}));
    }
}

/// Once for each way in which a row is wrong.
void Lookups::complain(const sql::AppRow& row) {
    if (complaints_.size() >= max_complaints) complaints_.clear();
    std::string& last = complaints_[row.id];
    if (last == row.complaint) return;
    last = row.complaint;
    log_.warn(
        "app row refused table={} id={} {}", settings_.table, log_text(row.id), row.complaint
    );
}

}  // namespace fanfare::apps
