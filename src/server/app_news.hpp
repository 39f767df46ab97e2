// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/happening.hpp"
#include "fanfare/config/settings.hpp"

namespace fanfare::server {

/// What the apps want to know of their channels, by their settings, and who tells them.
class AppNews final : public channels::AppPolicies, public channels::HappeningSink {
public:
    explicit AppNews(const config::Settings& settings) : settings_(settings) {}

    [[nodiscard]] channels::AppPolicy of(AppIndex app) const override;

    void on_happening(channels::Happening happening) override;

private:
    const config::Settings& settings_;
};

}  // namespace fanfare::server
