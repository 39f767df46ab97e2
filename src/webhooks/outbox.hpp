// SPDX-License-Identifier: MIT
#pragma once

#include "lane.hpp"
#include "request.hpp"

#include "fanfare/webhooks/dispatcher.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::webhooks {

/// Names a lane: the endpoint, and which of its lanes.
struct LaneId {
    std::uint64_t endpoint;
    std::size_t number;

    friend auto operator<=>(const LaneId&, const LaneId&) = default;
};

/// A batch to send now; what comes of it goes to Outbox::finish.
struct Attempt {
    LaneId lane;
    std::shared_ptr<const Endpoint> endpoint;
    std::string body;
};

/// A request that failed.
struct Failure {
    std::shared_ptr<const Endpoint> endpoint;
    std::size_t events;
    std::string first_channel;
    bool is_given_up;
};

/// All that is still to be delivered: who takes an event, which batch may leave when, what a
/// failure means. It knows neither threads nor sockets; the Dispatcher has both.
class Outbox {
public:
    using TimePoint = Clock::TimePoint;

    Outbox(const Options& options, RandomSource random);

    /// See Dispatcher::configure.
    void configure(const std::string& app_id, const config::AppSettings* settings);

    /// Filters and queues. When something will be due because of it; Lane::never if that changes
    /// nothing.
    TimePoint emit(std::string_view app_id, const Event& event, TimePoint now);

    /// What has to leave now, those that wait longest first.
    [[nodiscard]] std::vector<Attempt> take_due(TimePoint now);

    /// Ends an attempt; what failed, if it did.
    std::optional<Failure> finish(const LaneId& id, const Answer& answer, TimePoint now);

    /// When take_due has something the next time; Lane::never if only a finish can change that.
    [[nodiscard]] TimePoint next_due() const;

    /// All that waits is due.
    void hurry();

    /// Drops everything and takes nothing more; how much it was.
    std::size_t close();

    [[nodiscard]] bool is_empty() const { return lanes_.empty(); }

    [[nodiscard]] Counters counters() const;

private:
    using Endpoints = std::vector<std::shared_ptr<const Endpoint>>;

    template <typename Call>
    void for_each_lane(std::uint64_t endpoint, Call call);
    Lane& lane_for(const std::shared_ptr<const Endpoint>& endpoint, std::string_view channel);
    void bound_queues();

    [[nodiscard]] bool is_saturated() const { return requests_ >= max_requests_; }

    const std::size_t max_queued_bytes_;
    const std::size_t max_requests_;
    RandomSource random_;
    std::map<std::string, Endpoints, std::less<>> apps_;  // by id
    std::map<LaneId, Lane> lanes_;                        // those with something in them
    std::uint64_t next_endpoint_id_ = 0;
    std::size_t queued_bytes_ = 0;  // of all lanes
    std::size_t requests_ = 0;      // under way
    Counters counters_;             // but for `queued`
};

}  // namespace fanfare::webhooks
