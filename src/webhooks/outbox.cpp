// SPDX-License-Identifier: MIT
#include "outbox.hpp"

#include "fanfare/webhooks/filter.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace fanfare::webhooks {

namespace {

constexpr std::size_t lanes_without_batching = 8;

std::size_t lane_number(const Endpoint& endpoint, std::string_view channel) {
    if (endpoint.delivery.batching) return 0;
    return std::hash<std::string_view>{}(channel) % lanes_without_batching;
}

/// Takes the endpoint with this URL out of the list; null if there is none.
std::shared_ptr<const Endpoint> extract(
    std::vector<std::shared_ptr<const Endpoint>>& endpoints, const std::string& url
) {
    const auto it = std::find_if(endpoints.begin(), endpoints.end(), [&url](const auto& endpoint) {
        return endpoint->webhook.url == url;
    });
    if (it == endpoints.end()) return nullptr;
    auto endpoint = std::move(*it);
    endpoints.erase(it);
    return endpoint;
}

}  // namespace

Outbox::Outbox(const Options& options, RandomSource random)
    : max_queued_bytes_(options.max_queued_bytes),
      max_requests_(options.max_requests),
      random_(std::move(random)) {}

void Outbox::configure(const std::string& app_id, const config::AppSettings* settings) {
    Endpoints& endpoints = apps_[app_id];
    Endpoints before = std::exchange(endpoints, {});
    if (settings != nullptr) {
        for (const config::WebhookSettings& webhook : settings->webhooks) {
            const auto old = extract(before, webhook.url);
            const std::uint64_t id = old ? old->id : next_endpoint_id_++;
            endpoints.push_back(std::make_shared<const Endpoint>(Endpoint{
                id, app_id, settings->key, settings->secret, webhook, settings->webhook_delivery}));
            for_each_lane(id, [&](Lane& lane) { lane.change(endpoints.back()); });
        }
    }
    for (const auto& gone : before) {
        for_each_lane(gone->id, [](Lane& lane) { lane.retire(); });
    }
    if (endpoints.empty()) apps_.erase(app_id);
}

template <typename Call>
void Outbox::for_each_lane(std::uint64_t endpoint, Call call) {
    for (auto lane = lanes_.lower_bound({endpoint, 0});
         lane != lanes_.end() && lane->first.endpoint == endpoint;
         ++lane) {
        call(lane->second);
    }
}

Outbox::TimePoint Outbox::emit(std::string_view app_id, const Event& event, TimePoint now) {
    TimePoint due = Lane::never;
    const auto app = apps_.find(app_id);
    if (app == apps_.end()) return due;
    for (const auto& endpoint : app->second) {
        if (!takes(endpoint->webhook, event.name, event.channel)) continue;
        Lane& lane = lane_for(endpoint, event.channel);
        queued_bytes_ -= lane.queued_bytes();
        lane.push(event, now);
        queued_bytes_ += lane.queued_bytes();
        due = std::min(due, lane.due());
    }
    bound_queues();
    return is_saturated() ? Lane::never : due;
}

std::vector<Attempt> Outbox::take_due(TimePoint now) {
    std::vector<std::pair<TimePoint, LaneId>> due;
    for (const auto& [id, lane] : lanes_) {
        if (lane.due() <= now) due.emplace_back(lane.due(), id);
    }
    std::sort(due.begin(), due.end());
    std::vector<Attempt> attempts;
    for (const auto& [since, id] : due) {
        if (is_saturated()) break;
        Lane& lane = lanes_.at(id);
        queued_bytes_ -= lane.queued_bytes();
        attempts.push_back({id, lane.endpoint(), body_of(lane.begin(now))});
        queued_bytes_ += lane.queued_bytes();
        ++requests_;
    }
    return attempts;
}

std::optional<Failure> Outbox::finish(const LaneId& id, const Answer& answer, TimePoint now) {
    const auto it = lanes_.find(id);
    Lane& lane = it->second;
    const std::size_t events = lane.batch().size();
    --requests_;
    std::optional<Failure> failure;
    if (answer.is_success()) {
        counters_.delivered += events;
        lane.delivered();
    } else {
        ++counters_.failed_attempts;
        failure = Failure{lane.endpoint(), events, lane.batch().front().channel, false};
        failure->is_given_up = !lane.failed(now, answer.is_final(), random_);
        if (failure->is_given_up) counters_.dead_letters += events;
    }
    if (lane.is_idle()) lanes_.erase(it);
    return failure;
}

Outbox::TimePoint Outbox::next_due() const {
    TimePoint due = Lane::never;
    if (is_saturated()) return due;
    for (const auto& [id, lane] : lanes_) due = std::min(due, lane.due());
    return due;
}

void Outbox::hurry() {
    for (auto& [id, lane] : lanes_) lane.hurry();
}

std::size_t Outbox::close() {
    const std::size_t lost = counters().queued;
    counters_.dropped += lost;
    apps_.clear();
    lanes_.clear();
    queued_bytes_ = 0;
    return lost;
}

Counters Outbox::counters() const {
    Counters counters = counters_;
    for (const auto& [id, lane] : lanes_) counters.queued += lane.size();
    return counters;
}

Lane& Outbox::lane_for(const std::shared_ptr<const Endpoint>& endpoint, std::string_view channel) {
    const LaneId id{endpoint->id, lane_number(*endpoint, channel)};
    return lanes_.try_emplace(id, endpoint).first->second;
}

/// The lane that holds most pays, so that an endpoint that is down costs the others nothing.
void Outbox::bound_queues() {
    while (queued_bytes_ > max_queued_bytes_) {
        const auto largest =
            std::max_element(lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) {
                return a.second.queued_bytes() < b.second.queued_bytes();
            });
        Lane& lane = largest->second;
        queued_bytes_ -= lane.queued_bytes();
        lane.drop();
        queued_bytes_ += lane.queued_bytes();
        ++counters_.dropped;
        if (lane.is_idle()) lanes_.erase(largest);
    }
}

}  // namespace fanfare::webhooks
