// SPDX-License-Identifier: MIT
#include "fanfare/sessions/session.hpp"

#include "abuse.hpp"
#include "signin_request.hpp"
#include "subscribe_request.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/signature.hpp"

#include <spdlog/logger.h>

#include <utility>

namespace fanfare::sessions {

using protocol::Error;
using protocol::RawJson;
using protocol::frames::SubscriptionRefusal;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

namespace {

constexpr std::uint32_t max_malformed_messages = 20;
constexpr std::chrono::seconds malformed_window{10};
constexpr std::size_t max_logged_text = 2'048;

}  // namespace

Session::Session(
    const SessionContext& context,
    apps::App& app,
    std::uint32_t key_number,
    protocol::SocketId socket_id,
    Leases leases,
    transport::MessageLink& link
)
    : Session(context, app, socket_id, key_number, 0, std::move(leases), link) {
    send_text(frames::connection_established(socket_id, settings().activity_timeout));
    if (settings().authorization_timeout == std::chrono::seconds::zero()) return;
    deadline_ = context_.clock.now() + settings().authorization_timeout;
    context_.deadlines.add(deadline_, *this);
}

Session::Session(
    const SessionContext& context,
    apps::App& app,
    protocol::SocketId socket_id,
    std::uint32_t key_number,
    std::uint32_t hidden,
    Leases leases,
    transport::MessageLink& link
)
    : Subscriber(app.index(), socket_id),
      context_(context),
      app_(app),
      link_(link),
      place_(std::move(leases.node)),
      quota_(std::move(leases.app)),
      address_(std::move(leases.address)),
      hidden_(hidden),
      key_number_(key_number) {
    activity().connections_opened.add();
    context_.hub.attach(*this);
}

Session::~Session() {
    on_closed();
}

transport::Liveness Session::liveness() const {
    return {settings().ping_interval, settings().pong_timeout};
}

std::size_t Session::max_message_size() const {
    return settings().max_message_size;
}

void Session::on_message(std::string_view text) {
    activity().messages_received.add();
    activity().received_bytes.add(text.size());
    if (is_traced_) trace("message received", text);
    const auto message = RawJson::parse(text);
    const auto event = message && message->is_object()
                           ? protocol::string_value(message->find("event"))
                           : std::nullopt;
    if (context_.log.should_log(spdlog::level::debug)) note_message(event.value_or(""));
    const bool is_liveness = event == "pusher:ping" || event == "pusher:pong";
    if (!is_liveness && is_over_rate()) return;
    if (!event || event->empty()) return reject_message();
    if (event->starts_with("pusher:")) return on_pusher_event(*event, message->find("data"));
    if (event->starts_with("client-")) return whisper(*event, *message);
    if (!protocol::is_string(message->find("channel"))) reject_message();
}

void Session::on_pusher_event(std::string_view event, std::string_view raw_data) {
    if (event == "pusher:ping") {
        send(context_.pong);
    } else if (event == "pusher:subscribe") {
        subscribe(raw_data);
    } else if (event == "pusher:unsubscribe") {
        unsubscribe(raw_data);
    } else if (event == "pusher:signin") {
        sign_in(raw_data);
    } else if (event != "pusher:pong") {
        reject_message();
    }
}

void Session::subscribe(std::string_view raw_data) {
    const auto request = SubscribeRequest::parse(raw_data);
    if (!request) return reject_message();
    if (request->kind.is_reserved) return subscribe_to_user(request->channel);
    if (!check_subscribe(*request)) return;
    std::optional<channels::Member> member;
    if (request->kind.is_presence) {
        member = request->channel_data.empty() ? signed_in_member()
                                               : parse_member(request->channel_data);
        if (!check_member(*request, member)) return;
    }
    if (request->kind.needs_auth) clear_deadline();
    ++joins_;
    context_.hub.join(
        *this, {app(), request->channel}, std::move(member), settings().max_presence_members
    );
}

/// The rules of protocol.md 3.4 for whom a subscription names; answers the first that fails.
bool Session::check_member(
    const SubscribeRequest& request, const std::optional<channels::Member>& member
) {
    const auto refuse = [&](std::string_view details, std::string_view message) {
        refuse_subscription(
            request.channel,
            {"InvalidData", details, 4009},
            {4009, message},
            Counter::subscription_member
        );
        return false;
    };
    if (!member) {
        return refuse(
            "channel_data needs a user_id: a string or a number",
            "Presence channels need a user_id."
        );
    }
    if (protocol::character_count(member->user_id) > protocol::max_user_id_length) {
        const std::string text = "The user_id is longer than " +
                                 std::to_string(protocol::max_user_id_length) + " characters.";
        return refuse(text, text);
    }
    const std::size_t limit = settings().max_presence_member_size;
    if (limit != 0 && member->channel_data_json.size() > limit) {
        refuse_over_limit(
            request.channel,
            "The presence member is larger than " + std::to_string(limit) + " bytes.",
            Counter::subscription_member_size
        );
        return false;
    }
    return true;
}

/// The rules of protocol.md 2.3 before those of presence; answers the first that fails.
bool Session::check_subscribe(const SubscribeRequest& request) {
    const bool is_lenient = settings().channel_charset == config::ChannelCharset::lenient;
    if (!protocol::is_valid_channel_name(
            request.channel, {settings().max_channel_name_length, is_lenient}
        )) {
        refuse_subscription(
            request.channel,
            {"InvalidChannel",
             "The channel name is empty, too long or has a forbidden character",
             4009},
            {4009, "Invalid channel name."},
            Counter::subscription_channel_name
        );
        return false;
    }
    if (!request.is_well_formed) {
        reject_message();
        return false;
    }
    const std::size_t limit = settings().max_subscriptions;
    if (subscriptions().size() - hidden_ >= limit &&
        context_.hub.find_subscription(*this, {app(), request.channel}) == nullptr) {
        refuse_over_limit(
            request.channel,
            "A connection may have " + std::to_string(limit) + " subscriptions at most.",
            Counter::subscription_over_connection_limit
        );
        return false;
    }
    if (!is_authorized(request)) {
        refuse_subscription(
            request.channel,
            {"AuthError", errors::unauthorized.message, 401},
            errors::unauthorized,
            Counter::subscription_unauthorized
        );
        return false;
    }
    return true;
}

bool Session::is_authorized(const SubscribeRequest& request) {
    if (!request.kind.needs_auth) return true;
    return is_signed(
        request.auth,
        protocol::subscription_to_sign(socket_id(), request.channel, request.channel_data)
    );
}

bool Session::is_signed(std::string_view auth, std::string_view text) {
    const auto [key, signature] = protocol::split_auth(auth);
    if (app_.verify(key, text, signature)) return true;
    if (context_.log.should_log(spdlog::level::debug)) {
        context_.log.debug(
            "signature refused app={} socket_id={} key={} to_sign=\"{}\"",
            settings().id,
            to_string(socket_id()),
            log_text(key),
            log_text(text, max_logged_text)
        );
    }
    return false;
}

void Session::on_join_result(
    std::string_view channel,
    channels::JoinResult result,
    const BufferPtr& confirmation,
    const BufferPtr& replay
) {
    if (protocol::kind_of(channel).is_reserved) return on_hidden_join(channel);
    if (result == channels::JoinResult::joined) {
        send(confirmation);
        if (replay) send(replay);
    } else {
        refuse_over_limit(
            channel,
            "The channel has its maximum of " + std::to_string(settings().max_presence_members) +
                " members.",
            Counter::subscription_over_member_limit
        );
    }
    finish_join();
}

/// It has proven that the app knows it, or is gone.
void Session::clear_deadline() {
    if (deadline_ == Clock::TimePoint{}) return;
    context_.deadlines.remove(deadline_, *this);
    deadline_ = {};
}

void Session::on_deadline() {
    deadline_ = {};
    disconnect(errors::not_authorized_in_time, Counter::closed_not_authorized);
}

void Session::finish_join() {
    if (--joins_ == 0) link_.resume();
}

void Session::unsubscribe(std::string_view raw_data) {
    const std::string text = object_text(raw_data);
    const auto data = RawJson::parse(text);
    const auto channel =
        data && data->is_object() ? protocol::string_value(data->find("channel")) : std::nullopt;
    if (!channel) return reject_message();
    if (protocol::kind_of(*channel).is_reserved) return;
    context_.hub.leave(*this, {app(), *channel});
}

bool Session::is_over_event_rate() {
    const std::uint32_t rate = settings().max_client_events_per_second;
    if (rate == 0) return false;
    if (!abuse_) abuse_ = std::make_unique<Abuse>();
    return !abuse_->client_events.take(context_.clock.now(), rate);
}

bool Session::is_over_rate() {
    const config::RateLimiting& limit = settings().rate_limiting;
    if (!limit.enabled) return false;
    if (!abuse_) abuse_ = std::make_unique<Abuse>();
    if (abuse_->messages.take(context_.clock.now(), limit.max_attempts, limit.decay)) return false;
    context_.counters.add(Counter::message_rate);
    send_error(errors::rate_limited);
    // 43xx would keep pusher-js away for good (protocol.md 1.6).
    if (limit.terminate_on_limit) {
        context_.counters.add(Counter::closed_message_rate);
        link_.close(errors::over_capacity.code, errors::rate_limited.message);
    }
    return true;
}

void Session::reject_message() {
    context_.counters.add(Counter::message_malformed);
    if (!abuse_) abuse_ = std::make_unique<Abuse>();
    if (!abuse_->malformed.take(context_.clock.now(), max_malformed_messages, malformed_window)) {
        context_.log.debug(
            "connection closed app={} socket_id={} reason=malformed_messages",
            settings().id,
            to_string(socket_id())
        );
        return disconnect(errors::over_capacity, Counter::closed_malformed_messages);
    }
    send_error(errors::invalid_message);
}

void Session::refuse_subscription(
    std::string_view channel,
    const SubscriptionRefusal& refusal,
    const Error& error,
    Counter counter
) {
    context_.counters.add(counter);
    context_.log.debug(
        "subscribe refused app={} socket_id={} channel={} reason={}",
        settings().id,
        to_string(socket_id()),
        log_text(channel),
        refusal.type
    );
    using config::SubscriptionErrors;
    const SubscriptionErrors wanted = settings().subscription_errors;
    if (wanted != SubscriptionErrors::reverb) {
        send_text(frames::subscription_error(channel, refusal));
    }
    if (wanted != SubscriptionErrors::channel) send_error(error);
}

void Session::refuse_over_limit(std::string_view channel, std::string_view text, Counter counter) {
    refuse_subscription(channel, {"LimitReached", text, 4301}, {4301, text}, counter);
}

void Session::on_silence() {
    if (!link_.ping()) send(context_.ping);
}

void Session::on_no_pong() {
    disconnect(errors::no_pong, Counter::closed_no_pong);
}

void Session::on_backlog_full() {
    context_.log.debug(
        "connection closed app={} socket_id={} reason=slow_reader",
        settings().id,
        to_string(socket_id())
    );
    disconnect(errors::over_capacity, Counter::closed_slow_reader);
}

void Session::on_terminate(channels::UserRole role) {
    using config::TerminateMatches;
    const TerminateMatches wanted = settings().terminate_matches;
    const bool is_signed_in = role == channels::UserRole::signed_in;
    if (wanted == (is_signed_in ? TerminateMatches::presence : TerminateMatches::signin)) return;
    disconnect(
        {static_cast<std::uint16_t>(settings().terminate_close_code), errors::terminated_by_app},
        Counter::closed_terminated
    );
}

void Session::on_app_change() {
    if (app_.is_removed()) {
        disconnect(errors::no_such_app, Counter::closed_app_removed);
    } else if (!settings().enabled) {
        disconnect(errors::app_disabled, Counter::closed_app_disabled);
    } else if (!app_.has_key_number(key_number_)) {
        disconnect(errors::key_revoked, Counter::closed_key_revoked);
    }
}

void Session::on_drain() {
    disconnect(errors::server_closing, Counter::closed_draining);
}

void Session::on_closed() {
    if (std::exchange(is_closed_, true)) return;
    activity().connections_closed.add();
    clear_deadline();
    context_.hub.detach(*this);
    if (is_traced_) trace("connection closed");
    quota_.reset();
    address_.release();
    context_.log.debug(
        "connection closed app={} socket_id={}", settings().id, to_string(socket_id())
    );
}

void Session::send_text(std::string_view text) {
    send(make_buffer(EncodedFrame(text)));
}

void Session::send_error(const Error& error) {
    send_text(frames::error(error));
}

void Session::disconnect(const Error& error, Counter counter) {
    context_.counters.add(counter);
    send_error(error);
    link_.close(error.code, error.message);
}

}  // namespace fanfare::sessions
