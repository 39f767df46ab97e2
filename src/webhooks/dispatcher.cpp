// SPDX-License-Identifier: MIT
#include "fanfare/webhooks/dispatcher.hpp"

#include "outbox.hpp"
#include "transfers.hpp"

#include "fanfare/base/signals.hpp"
#include "fanfare/config/http_url.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fanfare::webhooks {

namespace {

/// An int of milliseconds is all that libcurl waits.
constexpr std::chrono::minutes longest_wait{1};

}  // namespace

/// The outbox is everybody's, under a mutex that is never held for longer than it takes to move a
/// batch; the transfers are the thread's.
class Dispatcher::Impl {
public:
    Impl(Options options, const Clock& clock, RandomSource random, spdlog::logger& log)
        : clock_(clock),
          log_(log),
          user_agent_(std::move(options.user_agent)),
          outbox_(options, std::move(random)),
          transfers_(options.max_requests),
          thread_([this] { run(); }) {}

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() { stop(std::chrono::milliseconds(0)); }

    void configure(const std::string& app_id, const config::AppSettings* settings) {
        const std::lock_guard lock(mutex_);
        outbox_.configure(app_id, settings);
        wake_for(outbox_.next_due());
    }

    void emit(std::string_view app_id, const Event& event) {
        const std::lock_guard lock(mutex_);
        wake_for(outbox_.emit(app_id, event, clock_.now()));
    }

    void stop(std::chrono::milliseconds patience) {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            outbox_.hurry();
            end_ = clock_.now() + patience;
        }
        transfers_.wake();
        thread_.join();
        const std::lock_guard lock(mutex_);
        const std::size_t lost = outbox_.close();
        if (lost != 0) log_.warn("webhooks lost at the end events={}", lost);
    }

    [[nodiscard]] Counters counters() const {
        const std::lock_guard lock(mutex_);
        return outbox_.counters();
    }

private:
    using TimePoint = Outbox::TimePoint;

    struct Turn {
        std::vector<Attempt> attempts;
        std::chrono::milliseconds wait;
    };

    void run() {
        block_signals();
        while (auto turn = next_turn()) {
            for (Attempt& attempt : turn->attempts) start(std::move(attempt));
            transfers_.run(turn->wait);
        }
    }

    /// Nothing at the end.
    std::optional<Turn> next_turn() {
        const std::lock_guard lock(mutex_);
        const TimePoint now = clock_.now();
        if (end_ && (outbox_.is_empty() || now >= *end_)) return std::nullopt;
        std::vector<Attempt> attempts = outbox_.take_due(now);
        sleeps_until_ =
            std::min({outbox_.next_due(), end_.value_or(Lane::never), now + longest_wait});
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(sleeps_until_ - now);
        return Turn{std::move(attempts), std::max(wait, std::chrono::milliseconds(0))};
    }

    void start(Attempt attempt) {
        const LaneId lane = attempt.lane;
        try {
            transfers_.start(
                make_request(*attempt.endpoint, std::move(attempt.body), user_agent_),
                [this, lane](const Answer& answer) { finish(lane, answer); }
            );
        } catch (const std::exception& error) {
            finish(lane, Answer{0, error.what()});
        }
    }

    void finish(const LaneId& lane, const Answer& answer) {
        std::optional<Failure> failure;
        {
            const std::lock_guard lock(mutex_);
            failure = outbox_.finish(lane, answer, clock_.now());
        }
        if (failure) report(*failure, answer.reason());
    }

    void report(const Failure& failure, const std::string& reason) {
        log_.log(
            failure.is_given_up ? spdlog::level::warn : spdlog::level::debug,
            "webhook {} app={} url={} events={} first_channel={} reason={}",
            failure.is_given_up ? "given up" : "failed",
            failure.endpoint->app_id,
            config::shown_url(failure.endpoint->webhook.url),
            failure.events,
            failure.first_channel,
            reason
        );
    }

    /// With the mutex held, so that a burst of events wakes the thread once.
    void wake_for(TimePoint due) {
        if (due >= sleeps_until_) return;
        sleeps_until_ = due;
        transfers_.wake();
    }

    const Clock& clock_;
    spdlog::logger& log_;
    const std::string user_agent_;
    mutable std::mutex mutex_;
    Outbox outbox_;                         // guarded by mutex_
    TimePoint sleeps_until_ = Lane::never;  // guarded by mutex_
    std::optional<TimePoint> end_;          // guarded by mutex_
    Transfers transfers_;
    std::thread thread_;  // uses all of the above
};

Dispatcher::Dispatcher(
    Options options, const Clock& clock, RandomSource random, spdlog::logger& log
)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(random), log)) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::configure(const std::string& app_id, const config::AppSettings* settings) {
    impl_->configure(app_id, settings);
}

void Dispatcher::emit(std::string_view app_id, const Event& event) {
    impl_->emit(app_id, event);
}

void Dispatcher::stop(std::chrono::milliseconds patience) {
    impl_->stop(patience);
}

Counters Dispatcher::counters() const {
    return impl_->counters();
}

}  // namespace fanfare::webhooks
