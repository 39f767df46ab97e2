// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/protocol/errors.hpp"
#include "fanfare/protocol/frames.hpp"
#include "fanfare/sessions/address_counts.hpp"
#include "fanfare/sessions/deadlines.hpp"
#include "fanfare/sessions/passing.hpp"
#include "fanfare/transport/message_link.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace fanfare::protocol {
class RawJson;
}

namespace fanfare::sessions {

struct SubscribeRequest;
struct SignedIn;

/// What all sessions of a shard share. Outlives them.
struct SessionContext {
    channels::Hub& hub;
    const Clock& clock;
    spdlog::logger& log;
    Counters& counters;
    BufferPtr ping;  ///< `pusher:ping` and `pusher:pong`, encoded once
    BufferPtr pong;
    Deadlines& deadlines;  ///< for connections to prove themselves
};

/// The places that an open connection holds.
struct Leases {
    apps::ConnectionLease node;
    apps::ConnectionLease app;
    AddressLease address{};  ///< empty where addresses are not limited
};

/// One admitted client: turns its Pusher events into channel operations and answers them, in the
/// order in which they came (protocol.md section 2). While a subscription is on its way to the
/// channel's home the session is busy, and its link holds further messages back.
///
/// Owned by its link, on the link's shard.
class Session final : public transport::MessageSink, private channels::Subscriber {
public:
    /// Sends `pusher:connection_established`. `key_number` is that of the key by which the client
    /// came; see App::number_of.
    Session(
        const SessionContext& context,
        apps::App& app,
        std::uint32_t key_number,
        protocol::SocketId socket_id,
        Leases leases,
        transport::MessageLink& link
    );
    /// Goes on where another process was. Its subscriptions follow by Hub::take_over.
    Session(
        const SessionContext& context,
        apps::App& app,
        PassedSession passed,
        Leases leases,
        transport::MessageLink& link
    );
    ~Session() override;

    /// As the channels know it.
    [[nodiscard]] channels::Subscriber& subscriber() { return *this; }

    /// While nothing is under way.
    [[nodiscard]] PassedSession pass() const;

    [[nodiscard]] transport::Liveness liveness() const override;
    [[nodiscard]] std::size_t max_message_size() const override;

    [[nodiscard]] bool is_busy() const override { return joins_ != 0; }

    void on_message(std::string_view text) override;
    /// The time is over in which it had to sign in or join a private channel.
    void on_deadline();

    void on_silence() override;
    void on_no_pong() override;
    void on_backlog_full() override;
    void on_closed() override;

private:
    struct Abuse;

    /// What both ways to begin have in common.
    Session(
        const SessionContext& context,
        apps::App& app,
        protocol::SocketId socket_id,
        std::uint32_t key_number,
        std::uint32_t hidden,
        Leases leases,
        transport::MessageLink& link
    );

    // channels::Subscriber
    /// Counted by the Hub, for all subscribers of a channel at once.
    void deliver(const BufferPtr& message) override {
        if (is_traced_) trace_sent(message);
        link_.send(message);
    }

    void on_join_result(
        std::string_view channel,
        channels::JoinResult result,
        const BufferPtr& confirmation,
        const BufferPtr& replay
    ) override;
    void on_terminate(channels::UserRole role) override;
    void on_app_change() override;
    void on_drain() override;
    [[nodiscard]] Portrait portrait() const override;
    [[nodiscard]] std::string_view user_id() const override;
    void on_dismissal(bool may_return) override;

    void set_traced(bool is_traced) override { is_traced_ = is_traced; }

    void on_pusher_event(std::string_view event, std::string_view raw_data);
    void subscribe(std::string_view raw_data);
    void unsubscribe(std::string_view raw_data);
    void whisper(std::string_view event, const protocol::RawJson& message);

    [[nodiscard]] bool check_subscribe(const SubscribeRequest& request);
    [[nodiscard]] bool check_member(
        const SubscribeRequest& request, const std::optional<channels::Member>& member
    );
    [[nodiscard]] bool is_authorized(const SubscribeRequest& request);
    [[nodiscard]] channels::Hub::Published when_whispered(const std::string& channel);
    [[nodiscard]] bool check_whisper(
        std::string_view event, channels::ChannelRef channel, std::string_view data
    );

    void sign_in(std::string_view raw_data);
    void join_hidden(const std::string& channel);
    void on_hidden_join(std::string_view channel);
    void on_signed_in(bool is_watching);
    void watch();
    void on_watching();
    void subscribe_to_user(std::string_view channel);
    [[nodiscard]] std::optional<channels::Member> signed_in_member() const;

    /// `text` ends in `data`, which is no business of the log's.
    [[nodiscard]] bool is_signed(
        std::string_view auth, std::string_view text, std::string_view data
    );
    void finish_join();
    void clear_deadline();

    [[nodiscard]] bool is_over_rate();
    [[nodiscard]] bool is_over_event_rate();
    void refuse_subscription(
        std::string_view channel,
        const protocol::frames::SubscriptionRefusal& refusal,
        const protocol::Error& error,
        Counter counter
    );
    void refuse_over_limit(std::string_view channel, std::string_view text, Counter counter);
    void reject_message();
    void refuse(
        std::string_view what,
        const protocol::Error& error,
        Counter counter,
        std::string_view channel = {}
    );

    void send(const BufferPtr& message) {
        activity().messages_sent.add();
        activity().sent_bytes.add(message->bytes().size());
        deliver(message);
    }

    void send_text(std::string_view text);
    void send_error(const protocol::Error& error);

    /// The error as a frame, then CLOSE with the same code and text.
    void disconnect(const protocol::Error& error, Counter counter);

    void note_message(std::string_view event);
    void note_subscription(std::string_view channel);
    void note_closing();
    void count_refusal(std::string_view what, Counter counter, std::string_view channel = {});
    void count_closing(Counter counter);
    void trace_sent(const BufferPtr& message);
    void trace(std::string_view what, std::string_view payload = {});

    /// What this shard has counted of the app.
    [[nodiscard]] AppActivity& activity() const {
        return context_.counters.activity().of_app(app());
    }

    [[nodiscard]] const config::AppSettings& settings() const { return app_.settings(); }

    const SessionContext& context_;
    apps::App& app_;
    transport::MessageLink& link_;
    apps::ConnectionLease place_;  // to the end of the object, which is that of the descriptor
    std::optional<apps::ConnectionLease> quota_;  // to the end of the session
    AddressLease address_;
    std::unique_ptr<Abuse> abuse_;         // made when there is something to count
    std::unique_ptr<SignedIn> signed_in_;  // null: not signed in
    Clock::TimePoint deadline_{};          // for proving itself; zero: it has, or need not
    std::uint32_t joins_ = 0;              // under way
    std::uint32_t hidden_ = 0;             // subscriptions that the client does not know of
    std::uint32_t key_number_;
    bool is_closed_ = false;
    bool is_traced_ = false;
    std::optional<Counter> closed_for_;  // nothing: the client or the network has closed it
};

}  // namespace fanfare::sessions
