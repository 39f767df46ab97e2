// SPDX-License-Identifier: MIT
#include "signin_request.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/sessions/session.hpp"

#include <spdlog/logger.h>

#include <utility>

/// What operators see of a session, and what they do to it.
namespace fanfare::sessions {

namespace {

/// The text in a frame; see append_frame_header.
std::string_view text_of(std::string_view frame) {
    const auto length = static_cast<unsigned char>(frame[1]);
    return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

std::string_view reason_of(Counter counter) {
    return counter_names()[static_cast<std::size_t>(counter)].reason;
}

}  // namespace

channels::Subscriber::Portrait Session::portrait() const {
    transport::MessageLink::Portrait link = link_.portrait();
    return {std::move(link.address), link.queued_bytes};
}

std::string_view Session::user_id() const {
    return signed_in_ ? std::string_view(signed_in_->user.id) : std::string_view();
}

void Session::on_dismissal(bool may_return) {
    constexpr std::string_view text = "You got disconnected by an operator.";
    const std::uint16_t code = may_return ? 4200 : 4009;
    disconnect({code, text}, Counter::closed_terminated);
}

void Session::trace_sent(const BufferPtr& message) {
    trace("message sent", text_of(message->bytes()));
}

/// As all notes: for the log, and without what is carried.
void Session::note_message(std::string_view event) {
    context_.log.debug(
        "message received app={} socket_id={} event={}",
        settings().id,
        to_string(socket_id()),
        log_text(event)
    );
}

void Session::note_subscription(std::string_view channel) {
    if (!context_.log.should_log(spdlog::level::debug)) return;
    context_.log.debug(
        "subscribed app={} socket_id={} channel={}",
        settings().id,
        to_string(socket_id()),
        log_text(channel)
    );
}

void Session::count_refusal(std::string_view what, Counter counter, std::string_view channel) {
    context_.counters.add(counter);
    if (!context_.log.should_log(spdlog::level::debug)) return;
    context_.log.debug(
        "{} app={} socket_id={}{}{} reason={}",
        what,
        settings().id,
        to_string(socket_id()),
        channel.empty() ? "" : " channel=",
        log_text(channel),
        reason_of(counter)
    );
}

void Session::count_closing(Counter counter) {
    context_.counters.add(counter);
    closed_for_ = counter;
}

void Session::note_closing() {
    context_.log.debug(
        "connection closed app={} socket_id={}{}{}",
        settings().id,
        to_string(socket_id()),
        closed_for_ ? " reason=" : "",
        closed_for_ ? reason_of(*closed_for_) : ""
    );
}

void Session::trace(std::string_view what, std::string_view payload) {
    context_.hub.tracer().tell({app(), socket_id(), "", what, payload});
}

}  // namespace fanfare::sessions
