// SPDX-License-Identifier: MIT
#include "fanfare/apps/database.hpp"

#include "lookups.hpp"

#include "fanfare/base/signals.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fanfare::apps {

namespace {

/// Waiting for longer gains nothing, and a far future is more than a wait can bear.
constexpr std::chrono::minutes longest_wait{1};

}  // namespace

/// The database's thread owns the lookups. It waits for questions, for the worker and for what is
/// due, never for the database.
class Database::Impl {
public:
    Impl(
        const config::AppsDatabaseSettings& settings,
        const Clock& clock,
        OnChange on_change,
        spdlog::logger& log
    )
        : clock_(clock),
          lookups_(settings, std::move(on_change), make_secure_random(), log),
          worker_(settings, [this](sql::Result result) { post(std::move(result)); }),
          thread_([this] { run(); }) {}

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            incoming_.is_stopping = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void ask(Lookups::Question question) {
        {
            const std::lock_guard lock(mutex_);
            incoming_.questions.push_back(std::move(question));
        }
        wake_.notify_one();
    }

    [[nodiscard]] bool is_away() const { return lookups_.is_away(); }

private:
    struct Incoming {
        std::vector<Lookups::Question> questions;
        std::optional<sql::Result> result;
        bool is_stopping = false;

        [[nodiscard]] bool is_empty() const { return questions.empty() && !result && !is_stopping; }
    };

    void post(sql::Result result) {
        {
            const std::lock_guard lock(mutex_);
            incoming_.result = std::move(result);
        }
        wake_.notify_one();
    }

    void run() {
        block_signals();
        Incoming news;
        while (!news.is_stopping) {
            const Clock::TimePoint now = clock_.now();
            if (news.result) lookups_.finish(*news.result, now);
            for (Lookups::Question& question : news.questions) {
                lookups_.ask(std::move(question), now);
            }
            if (auto query = lookups_.next_query(now)) worker_.start(std::move(*query));
            news = wait();
        }
    }

    Incoming wait() {
        const Clock::TimePoint now = clock_.now();
        const auto limit = std::clamp(lookups_.next_due(), now, now + longest_wait) - now;
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, limit, [this] { return !incoming_.is_empty(); });
        return std::exchange(incoming_, Incoming{});
    }

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Incoming incoming_;  // guarded by mutex_
    Lookups lookups_;    // the thread's
    sql::Worker worker_;
    std::thread thread_;  // uses all of the above
};

Database::Database(
    const config::AppsDatabaseSettings& settings,
    const Clock& clock,
    OnChange on_change,
    spdlog::logger& log
)
    : impl_(std::make_unique<Impl>(settings, clock, std::move(on_change), log)) {}

Database::~Database() = default;

bool Database::is_away() const {
    return impl_->is_away();
}

void Database::find(Column column, std::string value, Done done) {
    impl_->ask({column, std::move(value), std::move(done)});
}

}  // namespace fanfare::apps
