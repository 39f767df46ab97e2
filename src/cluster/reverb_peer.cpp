// SPDX-License-Identifier: MIT
#include "reverb_peer.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace fanfare::cluster {

using channels::Hub;
using channels::Publication;
using reverb::AnswerMerge;
using reverb::Metric;

namespace {

constexpr std::chrono::seconds ask_deadline{1};
constexpr std::chrono::milliseconds count_interval{1'000};
constexpr std::chrono::milliseconds waiting_interval{100};
constexpr std::chrono::seconds warning_interval{10};

}  // namespace

ReverbPeer::ReverbPeer(
    ReverbPeerOptions options,
    RandomSource random,
    ReverbSurroundings& surroundings,
    spdlog::logger& log
)
    : options_(std::move(options)),
      random_(std::move(random)),
      surroundings_(surroundings),
      log_(log),
      outbox_(options_.max_queued_bytes) {}

void ReverbPeer::set_app(AppIndex index, const std::string& id, ReverbApp app) {
    if (app_ids_.add(index, id)) {
        apps_.push_back(std::move(app));
    } else {
        apps_[index] = std::move(app);
    }
}

// ---- Redis

void ReverbPeer::on_up() {
    is_up_ = true;
    surroundings_.subscribe();
}

/// Redis keeps nothing for a node that comes back a moment later. So what was queued waits until as
/// many listen as before, or had time to.
void ReverbPeer::on_subscribed() {
    is_listening_ = true;
    if (succession_) return note_attention();
    wait_until_ = surroundings_.now() + options_.patience;
    next_count_ = {};
    if (std::ranges::max(listeners_) <= 1) open();
}

void ReverbPeer::open() {
    if (std::exchange(is_open_, true)) return;
    log_.info("reverb: joined queued_bytes={}", outbox_.bytes());
    outbox_.for_each([this](std::uint64_t number, std::string_view bytes) { send(number, bytes); });
}

void ReverbPeer::on_down() {
    if (!succession_) stay();
    is_up_ = false;
    is_listening_ = false;
    is_open_ = false;
    unanswered_since_.reset();
    if (succession_) {
        is_before_mark_ = false;
        mark_.clear();
        succession_->is_interrupted = true;
        return note_attention();
    }
    outbox_.on_away();
    asks_.give_up_on_all();
    withdraw_if_taken();
}

void ReverbPeer::tick() {
    const Clock::TimePoint now = surroundings_.now();
    asks_.give_up_on_late(now);
    if (!is_listening_ || succession_) return;
    if (!is_open_ && now >= wait_until_) open();
    if (now < next_count_) return;
    next_count_ = now + (is_open_ ? count_interval : waiting_interval);
    count_listeners();
}

void ReverbPeer::count_listeners() {
    const Clock::TimePoint now = surroundings_.now();
    if (!unanswered_since_) unanswered_since_ = now;
    surroundings_.count_listeners([this, asked = now](std::int64_t count) {
        lag_ = std::chrono::duration_cast<std::chrono::microseconds>(surroundings_.now() - asked);
        unanswered_since_.reset();
        if (!is_listening_) return;
        if (is_open_) return note_listeners(count);
        if (count >= std::ranges::max(listeners_)) open();
    });
}

std::chrono::microseconds ReverbPeer::lag() const {
    if (!unanswered_since_) return lag_;
    const auto waited = surroundings_.now() - *unanswered_since_;
    return std::max(lag_, std::chrono::duration_cast<std::chrono::microseconds>(waited));
}

void ReverbPeer::note_listeners(std::int64_t count) {
    listeners_ = {listeners_[1], count};
}

const char* ReverbPeer::trouble() const {
    if (!is_up_) return "redis_away";
    if (!is_listening_) return "syncing";
    return is_open_ ? "" : "waiting_for_nodes";
}

// ---- saying

void ReverbPeer::publish(
    std::vector<ReverbMessage> messages, const std::function<void(bool)>& done
) {
    std::size_t bytes = 0;
    for (const ReverbMessage& message : messages) bytes += message.bytes.size();
    if (!outbox_.has_room(bytes)) {
        log_.debug("reverb: event refused reason=\"queue is full\"");
        if (done) done(false);
        return;
    }
    if (messages.empty() && done) done(true);
    const auto missing = std::make_shared<std::size_t>(messages.size());
    for (ReverbMessage& message : messages) {
        ReverbOutbox::Entry entry;
        entry.message = std::move(message.bytes);
        entry.deliver = [this,
                         publications = std::make_shared<const std::vector<Publication>>(
                             std::move(message.publications)
                         )] {
            post_to_all([publications, now = surroundings_.now()](Hub& hub) {
                for (const auto& [channel, frame, except, cache_time] : *publications) {
                    if (cache_time) hub.keep(channel, frame, *cache_time);
                    hub.deliver_here(channel, frame, except, now);
                }
            });
        };
        if (done) {
            entry.on_accepted = [missing, done] {
                if (--*missing == 0) done(true);
            };
        }
        say(std::move(entry));
    }
}

void ReverbPeer::terminate(AppIndex app, const std::string& user_id) {
    auto message = reverb::encode_terminate(*apps_[app].text, user_id);
    if (!message || !outbox_.has_room(message->size())) {
        log_.warn("reverb: a user is terminated on this node only reason=\"queue is full\"");
        return terminate_here(app, user_id);
    }
    ReverbOutbox::Entry entry;
    entry.message = *std::move(message);
    entry.deliver = [this, app, user_id] { terminate_here(app, user_id); };
    say(std::move(entry));
}

void ReverbPeer::say(ReverbOutbox::Entry entry) {
    if (!is_open_) {
        const auto deliver = std::exchange(entry.deliver, nullptr);
        const auto on_accepted = std::exchange(entry.on_accepted, nullptr);
        outbox_.add(std::move(entry));
        deliver();
        if (on_accepted) on_accepted();
        return;
    }
    const std::uint64_t number = outbox_.add(std::move(entry));
    send(number, outbox_.newest());
}

void ReverbPeer::send(std::uint64_t number, std::string_view message) {
    surroundings_.publish(message, [this, number](std::int64_t nodes) {
        note_listeners(nodes);
        outbox_.on_taken(number);
        withdraw_if_taken();
    });
}

void ReverbPeer::withdraw(std::function<void()> done) {
    if (is_listening_ && !succession_) open();  // there is no later
    on_withdrawn_ = std::move(done);
    withdraw_if_taken();
}

void ReverbPeer::withdraw_if_taken() {
    if (is_open_ && !outbox_.is_taken()) return;
    if (const auto done = std::exchange(on_withdrawn_, nullptr)) done();
}

// ---- hearing

void ReverbPeer::on_message(std::string_view bytes) {
    if (!is_not_ours(bytes)) hear(bytes);
}

void ReverbPeer::hear(std::string_view bytes) {
    if (is_open_ && outbox_.on_return(bytes)) return withdraw_if_taken();
    bytes_heard_ = bytes.size();
    auto message = reverb::decode(bytes);
    std::visit([this](auto& any) { hear(std::move(any)); }, message);
}

/// Never its text: there is a secret in it.
void ReverbPeer::hear(reverb::Unusable message) {
    log_.debug("reverb: message ignored reason=\"{}\" bytes={}", message.reason, bytes_heard_);
    warn(message.reason);
}

void ReverbPeer::warn(std::string_view reason) {
    ++unusable_;
    const Clock::TimePoint now = surroundings_.now();
    if (last_warning_ && now - *last_warning_ < warning_interval) return;
    last_warning_ = now;
    log_.warn(
        "reverb: messages ignored count={} last_reason=\"{}\"", std::exchange(unusable_, 0), reason
    );
}

void ReverbPeer::hear(reverb::BusEvent message) {
    const auto app = app_ids_.find(message.app_id);
    if (!app) return log_.debug("reverb: event ignored reason=\"app not known here\"");
    post_to_all([app = *app,
                 cache_time = apps_[*app].cache_time,
                 now = surroundings_.now(),
                 event = std::make_shared<const reverb::BusEvent>(std::move(message))](Hub& hub) {
        deliver_event(hub, app, *event, cache_time, now);
    });
}

void ReverbPeer::hear(const reverb::BusTerminate& message) {
    const auto app = app_ids_.find(message.app_id);
    if (!app) return log_.debug("reverb: termination ignored reason=\"app not known here\"");
    terminate_here(*app, message.user_id);
}

/// Also if the app is not known here: whoever asks counts on an answer of each node.
void ReverbPeer::hear(const reverb::PendingMetric& message) {
    ask_here(
        app_ids_.find(message.app_id),
        message.metric,
        [this, key = message.key](const std::string& payload) {
            const auto answer = reverb::encode_answer(key, payload);
            if (answer && is_listening_) surroundings_.publish(*answer, nullptr);
        }
    );
}

void ReverbPeer::hear(const reverb::MetricAnswer& message) {
    asks_.on_answer(message.key, message.payload);
}

void ReverbPeer::terminate_here(AppIndex app, const std::string& user_id) {
    post_to_all([app, user_id](Hub& hub) { hub.terminate_here(app, user_id); });
}

void ReverbPeer::post_to_all(const channels::ShardLinks::HubTask& task) {
    for (unsigned shard = 0; shard < options_.shards; ++shard) surroundings_.post(shard, task);
}

// ---- asking

void ReverbPeer::ask(AppIndex app, const Metric& metric, Answered done) {
    const std::string key = reverb::make_metric_key(random_);
    const auto message = reverb::encode_metric(key, *apps_[app].text, metric);
    if (!is_open_ || !message) return ask_alone(app, metric, std::move(done));
    asks_.add(
        key,
        metric.type,
        surroundings_.now() + ask_deadline,
        [this, app, metric, done](const AnswerMerge* answers, bool is_partial) {
            if (is_partial) log_.debug("reverb: metric answered partial=true");
            if (answers == nullptr) return ask_alone(app, metric, done);
            done(*answers);
        }
    );
    surroundings_.publish(*message, [this, key](std::int64_t nodes) {
        asks_.on_count(key, nodes);
    });
}

void ReverbPeer::ask_alone(AppIndex app, const Metric& metric, Answered done) {
    ask_here(app, metric, [type = metric.type, done = std::move(done)](const std::string& payload) {
        AnswerMerge own(type);
        own.add(payload);
        done(own);
    });
}

/// Gathers what the shards know into the payload of an answer; of an app that is not known here,
/// nothing.
void ReverbPeer::ask_here(
    std::optional<AppIndex> app,
    const Metric& metric,
    std::function<void(const std::string& payload)> done
) {
    if (!app) return done(payload_of(metric, {}));
    // The first shard's thread asks the others.
    surroundings_.post(0, [this, app = *app, metric, done = std::move(done)](Hub& first) {
        first.ask_all<ShardFacts>(
            [app, metric](const Hub& hub) { return facts_of(hub, app, metric); },
            [this, metric, done](const std::vector<ShardFacts>& facts) {
                surroundings_.post_back([payload = payload_of(metric, facts), done] {
                    done(payload);
                });
            }
        );
    });
}

}  // namespace fanfare::cluster
