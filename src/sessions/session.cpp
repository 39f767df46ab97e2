// SPDX-License-Identifier: MIT
#include "fanfare/sessions/session.hpp"

#include "abuse.hpp"
#include "signin_request.hpp"

#include "fanfare/base/crypto.hpp"
#include "fanfare/base/log_text.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/signature.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>

#include <utility>

namespace fanfare::sessions {

using protocol::Error;
using protocol::RawJson;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

namespace {

constexpr std::uint32_t max_malformed_messages = 20;
constexpr std::chrono::seconds malformed_window{10};
constexpr std::size_t max_logged_text = 2'048;

/// What stands in the log for data of a client; whoever has the data can compare it.
std::string withheld(std::string_view data) {
    if (data.empty()) return {};
    const Md5Hex digest = Md5().hex(data);
    return fmt::format(
        "<{} bytes, MD5 {}>", data.size(), std::string_view(digest.data(), digest.size())
    );
}

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
    activity().connections_opened.add();
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

bool Session::is_signed(std::string_view auth, std::string_view text, std::string_view data) {
    const auto [key, signature] = protocol::split_auth(auth);
    if (app_.verify(key, text, signature)) return true;
    if (context_.log.should_log(spdlog::level::debug)) {
        context_.log.debug(
            "signature refused app={} socket_id={} key={} to_sign=\"{}{}\"",
            settings().id,
            to_string(socket_id()),
            log_text(key),
            log_text(text.substr(0, text.size() - data.size()), max_logged_text),
            withheld(data)
        );
    }
    return false;
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
    refuse("message refused", errors::rate_limited, Counter::message_rate);
    // 43xx would keep pusher-js away for good (protocol.md 1.6).
    if (limit.terminate_on_limit) {
        count_closing(Counter::closed_message_rate);
        link_.close(errors::over_capacity.code, errors::rate_limited.message);
    }
    return true;
}

void Session::reject_message() {
    count_refusal("message refused", Counter::message_malformed);
    if (!abuse_) abuse_ = std::make_unique<Abuse>();
    if (!abuse_->malformed.take(context_.clock.now(), max_malformed_messages, malformed_window)) {
        return disconnect(errors::over_capacity, Counter::closed_malformed_messages);
    }
    send_error(errors::invalid_message);
}

void Session::on_silence() {
    if (!link_.ping()) send(context_.ping);
}

void Session::on_no_pong() {
    disconnect(errors::no_pong, Counter::closed_no_pong);
}

void Session::on_backlog_full() {
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
    note_closing();
}

void Session::send_text(std::string_view text) {
    send(make_buffer(EncodedFrame(text)));
}

void Session::send_error(const Error& error) {
    send_text(frames::error(error));
}

void Session::refuse(
    std::string_view what, const Error& error, Counter counter, std::string_view channel
) {
    count_refusal(what, counter, channel);
    send_error(error);
}

void Session::disconnect(const Error& error, Counter counter) {
    count_closing(counter);
    send_error(error);
    link_.close(error.code, error.message);
}

}  // namespace fanfare::sessions
