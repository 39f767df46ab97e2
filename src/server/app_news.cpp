// SPDX-License-Identifier: MIT
#include "app_news.hpp"

namespace fanfare::server {

channels::AppPolicy AppNews::of(AppIndex app) const {
    const config::AppSettings& settings = settings_.apps[app];
    channels::AppPolicy policy;
    policy.watches_users = settings.watchlist_events;
    policy.counts_subscriptions = settings.subscription_count;
    return policy;
}

void AppNews::on_happening(channels::Happening /*happening*/) {}

}  // namespace fanfare::server
