// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <vector>

namespace fanfare::server {

/// What the apps want to know of their channels, by their settings, and tells them by webhook.
class AppNews final : public channels::AppPolicies, public channels::HappeningSink {
public:
    AppNews(const config::Settings& settings, const Clock& clock);

    /// Before anything happens; outlives whatever makes it happen.
    void use(webhooks::Dispatcher& dispatcher) { dispatcher_ = &dispatcher; }

    [[nodiscard]] channels::AppPolicy of(AppIndex app) const override;

    void on_happening(channels::Happening happening) override;

private:
    const config::Settings& settings_;
    std::vector<channels::AppPolicy> policies_;  // by AppIndex
    const Clock& clock_;
    webhooks::Dispatcher* dispatcher_ = nullptr;  // null: no app has a webhook
};

}  // namespace fanfare::server
