// SPDX-License-Identifier: MIT
#pragma once

#include "app_ids.hpp"
#include "reverb/bus_message.hpp"
#include "reverb_asks.hpp"
#include "reverb_facts.hpp"
#include "reverb_outbox.hpp"
#include "reverb_publish.hpp"

#include "fanfare/base/clock.hpp"
#include "fanfare/base/random.hpp"
#include "fanfare/channels/hub.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::cluster {

/// What a ReverbPeer needs of the world.
class ReverbSurroundings {
public:
    [[nodiscard]] virtual Clock::TimePoint now() const = 0;

    /// To a shard of this node.
    virtual void post(unsigned shard, channels::ShardLinks::HubTask task) = 0;

    /// To the peer, from any thread.
    virtual void post_back(std::function<void()> task) = 0;

    /// On Reverb's channel: `done` hears how many nodes got it, or nothing if Redis goes away.
    virtual void publish(std::string_view message, std::function<void(std::int64_t)> done) = 0;

    virtual void subscribe() = 0;

    /// How many nodes listen; `done` is not called if Redis does not tell.
    virtual void count_listeners(std::function<void(std::int64_t)> done) = 0;

protected:
    ~ReverbSurroundings() = default;
};

struct ReverbPeerOptions {
    unsigned shards = 1;
    std::size_t max_queued_bytes = 16'777'216;
    std::chrono::milliseconds patience{10'000};  ///< with nodes that have to connect again
};

/// An app, as a ReverbPeer needs it.
struct ReverbApp {
    std::shared_ptr<const reverb::ApplicationText> text;
    channels::CacheTime cache_time;
};

/// One among the nodes on Reverb's channel: says what this node's clients and API say, does what it
/// hears, answers and asks. Lives on one thread.
///
/// Each shard gets all that is heard, in the order of Redis; so that is the order of all nodes.
class ReverbPeer {
public:
    using Key = channels::ChannelKey;
    using Answered = std::function<void(const reverb::AnswerMerge&)>;

    ReverbPeer(
        ReverbPeerOptions options,
        RandomSource random,
        ReverbSurroundings& surroundings,
        spdlog::logger& log
    );

    /// A new app, before anything is said about it, or a change; indices come in order.
    void set_app(AppIndex index, const std::string& id, ReverbApp app);

    // Redis
    void on_up();
    void on_subscribed();
    void on_down();
    void on_message(std::string_view bytes);
    void tick();

    /// Says all of the messages, or none; `done` may be null.
    void publish(std::vector<ReverbMessage> messages, const std::function<void(bool)>& done);

    void terminate(AppIndex app, const std::string& user_id);

    /// Asks all nodes; after a second without an answer, or without Redis, only this one.
    void ask(AppIndex app, const reverb::Metric& metric, Answered done);

    /// Asks this one.
    void ask_alone(AppIndex app, const reverb::Metric& metric, Answered done);

    // The way from one process to the next; see Bus.

    /// Returns a message that only the two processes take notice of.
    [[nodiscard]] const std::string& make_mark();

    /// Says it, and calls `done` when it is heard. What comes after it is held back: it is the
    /// other process's, unless stay() is called.
    void say_mark(std::function<void()> done);
    void stay();

    [[nodiscard]] bool is_settled() const {
        return is_open_ && is_holding_back_ && outbox_.is_taken();
    }

    /// Drops what comes before the mark and holds back what comes after it. The next time without a
    /// mark, to wait for it.
    void attend(const std::string& mark, std::function<void(bool)> done);

    /// Throws std::runtime_error if something may have been missed.
    void require_attention() const;

    void succeed();

    /// Calls `done` when Redis has all that was said, or is away.
    void withdraw(std::function<void()> done);

    [[nodiscard]] bool is_open() const { return is_open_; }

    /// How long Redis took to answer the last question; 0: none yet.
    /// Of the last answer of Redis, or of one that is late already.
    [[nodiscard]] std::chrono::microseconds lag() const;

    /// Of what Redis has not taken, or not given back.
    [[nodiscard]] std::size_t queued_bytes() const { return outbox_.bytes(); }

    /// A word, empty if there is none.
    [[nodiscard]] const char* trouble() const;

private:
    void open();
    void count_listeners();
    void note_listeners(std::int64_t count);
    void say(ReverbOutbox::Entry entry);
    void send(std::uint64_t number, std::string_view message);
    void withdraw_if_taken();

    void note_attention();
    [[nodiscard]] bool is_not_ours(std::string_view bytes);
    void answer_for_both(std::string_view bytes);
    void hear_what_was_held_back();
    void hear(std::string_view bytes);
    void hear(reverb::Unusable message);
    void hear(reverb::BusEvent message);
    void hear(const reverb::BusTerminate& message);
    void hear(const reverb::PendingMetric& message);
    void hear(const reverb::MetricAnswer& message);
    void warn(std::string_view reason);

    void post_to_all(const channels::ShardLinks::HubTask& task);
    void terminate_here(AppIndex app, const std::string& user_id);
    void ask_here(
        std::optional<AppIndex> app,
        const reverb::Metric& metric,
        std::function<void(const std::string& payload)> done
    );

    ReverbPeerOptions options_;
    RandomSource random_;
    ReverbSurroundings& surroundings_;
    spdlog::logger& log_;
    AppIds app_ids_;
    std::vector<ReverbApp> apps_;  // by AppIndex
    ReverbOutbox outbox_;
    ReverbAsks asks_;

    /// While another process is the node still, in whose place this one will be.
    struct Succession {
        std::function<void(bool)> on_attention;
        bool awaits_mark = false;
        bool is_interrupted = false;
    };

    std::unique_ptr<Succession> succession_;
    std::string mark_;  // until it is heard
    std::function<void()> on_mark_;
    bool is_before_mark_ = false;   // what is heard is the other process's
    bool is_holding_back_ = false;  // what is heard is that of the process that goes on
    std::vector<std::string> held_back_;

    bool is_up_ = false;
    bool is_listening_ = false;
    bool is_open_ = false;  // listening, and so are the others
    // How many nodes listen, as Redis said last and the time before: a node that has just lost
    // Redis as well, a moment earlier, has not gone.
    std::array<std::int64_t, 2> listeners_{};
    Clock::TimePoint wait_until_;
    Clock::TimePoint next_count_;
    std::chrono::microseconds lag_{0};
    std::optional<Clock::TimePoint> unanswered_since_;  // of what asks for `lag_`
    std::size_t bytes_heard_ = 0;                       // of the message that is heard, for the log
    std::uint64_t unusable_ = 0;                        // not yet warned of
    std::optional<Clock::TimePoint> last_warning_;
    std::function<void()> on_withdrawn_;
};

}  // namespace fanfare::cluster
