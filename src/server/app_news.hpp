// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/append_only.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace fanfare::server {

/// What the apps want to know of their channels, by their settings, and tells them by webhook.
class AppNews final : public channels::AppPolicies, public channels::HappeningSink {
public:
    /// `table` outlives this. `make_dispatcher` is called for the first app that has a webhook.
    AppNews(
        const apps::AppTable& table,
        const Clock& clock,
        std::function<std::unique_ptr<webhooks::Dispatcher>()> make_dispatcher
    );

    /// An app of the table is new, has changed or (null) is removed; one thread at a time.
    void set(AppIndex app, const config::SharedAppSettings& settings);

    /// See webhooks::Dispatcher; once nothing happens any more.
    void stop(std::chrono::milliseconds patience);

    /// Any thread.
    [[nodiscard]] webhooks::Counters counters() const;

    [[nodiscard]] channels::AppPolicy of(AppIndex app) const override;

    void on_happening(channels::Happening happening) override;

private:
    struct Policy {
        std::atomic<channels::AppPolicy> value;
    };

    const apps::AppTable& table_;
    const Clock& clock_;
    std::function<std::unique_ptr<webhooks::Dispatcher>()> make_dispatcher_;
    AppendOnly<Policy> policies_;  // by AppIndex
    std::unique_ptr<webhooks::Dispatcher> owned_;
    std::atomic<webhooks::Dispatcher*> dispatcher_{nullptr};  // null: no app has had a webhook yet
};

}  // namespace fanfare::server
