// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/base/random.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/webhooks/event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace fanfare::webhooks {

struct Options {
    std::string user_agent = "Fanfare-Webhook/1";
    std::size_t max_queued_bytes = 67'108'864;  ///< of all events that wait
    std::size_t max_requests = 64;              ///< under way at once; each is a descriptor
};

/// What became of events, counted once per endpoint that takes them.
struct Counters {
    std::uint64_t delivered = 0;
    std::uint64_t failed_attempts = 0;  ///< requests, not events
    std::uint64_t dead_letters = 0;     ///< given up after the last attempt
    std::uint64_t dropped = 0;          ///< by overflow, or because the daemon stopped
    std::uint64_t queued = 0;           ///< waiting or under way now
};

/// Delivers events to the apps' webhooks (protocol.md 6) on a thread of its own, so that no
/// receiver slows a shard down.
///
/// An endpoint is one URL of one app. With batching it has one request under way at a time; the
/// events of its app that it takes leave in the order of `emit`, together up to the size or the
/// window. Without batching each event is a request, channels are spread by hash over eight lanes,
/// and each lane has one request under way: the order is that of each channel.
///
/// An answer of 2xx within the timeout is success. After anything else the same request is tried
/// again, with growing pauses for five minutes, and keeps its lane waiting; other endpoints do not
/// notice. 410 ends that at once. What is given up is one line in the log. So an event arrives at
/// least once, late, or never.
///
/// When more waits than the bound allows, the lane that holds most gives up its oldest client
/// event, or else its oldest event.
class Dispatcher {
public:
    /// `clock` and `log` outlive the dispatcher. Throws std::runtime_error without libcurl.
    Dispatcher(Options options, const Clock& clock, RandomSource random, spdlog::logger& log);
    /// Stops without patience.
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Any thread. An app is new, has changed or (null) is removed. An endpoint that stays keeps
    /// its queue; one that has gone gets what is queued for it, each request once.
    void configure(const std::string& app_id, const config::AppSettings* settings);

    /// Any thread; only queues. An unknown app has no webhooks.
    void emit(std::string_view app_id, const Event& event);

    /// Delivers at once what is queued, for `patience` at most; the rest is lost, which is logged.
    /// Returns when the thread has ended. Later events are dropped.
    void stop(std::chrono::milliseconds patience);

    /// Any thread.
    [[nodiscard]] Counters counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::webhooks
