// SPDX-License-Identifier: MIT
#include "app_news.hpp"

#include "fanfare/protocol/webhook_events.hpp"
#include "fanfare/webhooks/filter.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::server {

namespace events = protocol::webhook_events;
using channels::AppPolicy;
using channels::Happening;

namespace {

AppPolicy policy_of(const config::AppSettings& app) {
    const auto wants = [&](std::string_view event) { return webhooks::wants(app.webhooks, event); };
    AppPolicy policy;
    policy.tells_transitions = wants("channel_occupied") || wants("channel_vacated") ||
                               wants("member_added") || wants("member_removed");
    policy.tells_client_events = wants("client_event");
    policy.tells_cache_misses = wants("cache_miss");
    policy.tells_counts = wants("subscription_count");
    policy.watches_users = app.watchlist_events;
    policy.counts_subscriptions = app.subscription_count;
    policy.debounce = app.webhook_debounce;
    return policy;
}

/// The event's name, and the event.
std::pair<std::string, std::string> to_event(const Happening& happening) {
    using Kind = Happening::Kind;
    const std::string& channel = happening.channel.name;
    const std::string& detail = happening.detail;
    switch (happening.kind) {
        case Kind::channel_occupied:
            return {"channel_occupied", events::channel_occupied(channel)};
        case Kind::channel_vacated:
            return {"channel_vacated", events::channel_vacated(channel)};
        case Kind::member_added:
            return {"member_added", events::member_added(channel, detail)};
        case Kind::member_removed:
            return {"member_removed", events::member_removed(channel, detail)};
        case Kind::client_event:
            return {"client_event", detail};
        case Kind::cache_miss:
            return {"cache_miss", events::cache_miss(channel)};
        case Kind::subscription_count:
            break;
    }
    const std::uint64_t count = std::strtoull(detail.c_str(), nullptr, 10);
    return {"subscription_count", events::subscription_count(channel, count)};
}

}  // namespace

AppNews::AppNews(
    const apps::AppTable& table,
    const Clock& clock,
    std::function<std::unique_ptr<webhooks::Dispatcher>()> make_dispatcher
)
    : table_(table), clock_(clock), make_dispatcher_(std::move(make_dispatcher)) {}

void AppNews::set(AppIndex app, const config::SharedAppSettings& settings) {
    while (policies_.size() <= app) policies_.add([](Policy& /*nothing yet*/) {});
    policies_[app].value = settings ? policy_of(*settings) : AppPolicy{};
    if (settings && !settings->webhooks.empty() && owned_ == nullptr) owned_ = make_dispatcher_();
    if (owned_) owned_->configure(table_[app].id, settings.get());
    dispatcher_ = owned_.get();
}

void AppNews::stop(std::chrono::milliseconds patience) {
    if (owned_) owned_->stop(patience);
}

webhooks::Counters AppNews::counters() const {
    const webhooks::Dispatcher* dispatcher = dispatcher_;
    return dispatcher == nullptr ? webhooks::Counters{} : dispatcher->counters();
}

AppPolicy AppNews::of(AppIndex app) const {
    return policies_[app].value;
}

void AppNews::on_happening(Happening happening) {
    webhooks::Dispatcher* dispatcher = dispatcher_;
    if (dispatcher == nullptr) return;
    auto [name, json] = to_event(happening);
    const std::chrono::milliseconds time = clock_.unix_time();
    dispatcher->emit(
        table_[happening.channel.app].id,
        {std::move(name), std::move(happening.channel.name), std::move(json), time.count()}
    );
}

}  // namespace fanfare::server
