// SPDX-License-Identifier: MIT
#pragma once

#include "outbox.hpp"
#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::webhooks {

inline const Answer ok{200, ""};
inline const Answer unavailable{503, ""};
inline const Answer gone{410, ""};

/// An outbox with a clock that is turned by hand, no jitter, and events whose JSON is `"CHANNEL"`.
class OutboxTest : public ::testing::Test {
protected:
    explicit OutboxTest(Options options = {}) : outbox_(options, [] { return 0; }) {}

    /// An app with these webhooks.
    static config::AppSettings app_with(
        const std::vector<std::string>& urls, const std::string& id = "app"
    ) {
        config::AppSettings app;
        app.id = id;
        for (const std::string& url : urls) app.webhooks.emplace_back().url = url;
        return app;
    }

    void configure(const std::vector<config::AppSettings>& apps) {
        for (const config::AppSettings& app : apps) outbox_.configure(app.id, &app);
    }

    Clock::TimePoint emit(
        const std::string& channel,
        const std::string& name = "channel_occupied",
        std::string_view app = "app"
    ) {
        return outbox_.emit(app, {name, channel, "\"" + channel + "\"", ++time_ms_}, clock_.now());
    }

    std::vector<Attempt> take() { return outbox_.take_due(clock_.now()); }

    /// The only attempt that is due.
    Attempt take_one() {
        auto attempts = take();
        EXPECT_EQ(attempts.size(), 1U);
        return attempts.empty() ? Attempt{} : attempts.front();
    }

    std::optional<Failure> finish(const Attempt& attempt, const Answer& answer) {
        return outbox_.finish(attempt.lane, answer, clock_.now());
    }

    fanfare::testing::ManualClock clock_;
    std::int64_t time_ms_ = 0;
    Outbox outbox_;
};

}  // namespace fanfare::webhooks
