// SPDX-License-Identifier: MIT
// Client events (protocol.md 2.5).
#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/webhook_events.hpp"
#include "fanfare/sessions/session.hpp"

#include <utility>

namespace fanfare::sessions {

using protocol::Error;
using protocol::RawJson;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

namespace {

/// A string counts without its quotes and escapes, everything else as it is written.
std::size_t data_size(std::string_view raw_data) {
    const auto text = protocol::string_value(raw_data);
    return text ? text->size() : raw_data.size();
}

}  // namespace

void Session::whisper(std::string_view event, const RawJson& message) {
    const auto name = protocol::string_value(message.find("channel"));
    if (!name || name->empty()) return reject_message();
    const std::string_view data = message.find("data");
    const channels::ChannelRef channel{app(), *name};
    if (!check_whisper(event, channel, data)) return;
    const auto* subscription = context_.hub.find_subscription(*this, channel);
    const bool has_user = subscription != nullptr && subscription->identity;
    const EncodedFrame frame(frames::client_event(
        event, *name, data, has_user ? subscription->identity->user_id_json : std::string_view{}
    ));
    context_.hub.publish(
        {{channels::ChannelKey(channel), frame, socket_id()}}, when_whispered(*name)
    );
    if (!protocol::kind_of(*name).needs_auth) return;
    if (!context_.hub.policy_of(app()).tells_client_events) return;
    std::optional<std::string_view> user;
    if (has_user) user = subscription->identity->user_id;
    context_.hub.report(
        {channels::Happening::Kind::client_event,
         channels::ChannelKey(channel),
         protocol::webhook_events::client_event(*name, event, data, socket_id(), user)}
    );
}

/// A server that is alone takes every event.
channels::Hub::Published Session::when_whispered(const std::string& channel) {
    if (context_.hub.is_alone()) return nullptr;
    return context_.hub.guarded(*this, [channel, this](bool is_accepted) {
        if (is_accepted) return;
        refuse(
            "client event refused",
            {4301, "The server cannot pass the event on now; try again later."},
            Counter::client_event_overloaded,
            channel
        );
    });
}

/// The checks of protocol.md 2.5; answers the first that fails.
bool Session::check_whisper(
    std::string_view event, channels::ChannelRef channel, std::string_view data
) {
    using config::ClientEventSenders;
    const auto refuse = [&, this](const Error& error, Counter counter) {
        this->refuse("client event refused", error, counter, channel.name);
        return false;
    };
    const ClientEventSenders senders = settings().accept_client_events_from;
    if (senders == ClientEventSenders::none) {
        return refuse(errors::client_events_disabled, Counter::client_event_disabled);
    }
    if (protocol::kind_of(channel.name).is_reserved ||
        (senders == ClientEventSenders::members &&
         context_.hub.find_subscription(*this, channel) == nullptr)) {
        return refuse(errors::not_a_member, Counter::client_event_not_a_member);
    }
    if (protocol::character_count(event) > settings().max_event_name_length) {
        const std::string text = "The event name is longer than " +
                                 std::to_string(settings().max_event_name_length) + " characters.";
        return refuse({4301, text}, Counter::client_event_name_length);
    }
    const std::size_t max_data = settings().max_event_data;
    if (max_data != 0 && data_size(data) > max_data) {
        const std::string text =
            "The event data is larger than " + std::to_string(max_data) + " bytes.";
        return refuse({4301, text}, Counter::client_event_data_size);
    }
    if (is_over_event_rate()) return refuse(errors::rate_limited, Counter::client_event_rate);
    if (!settings().client_events_public && !protocol::kind_of(channel.name).needs_auth) {
        return refuse(
            {4301, "Client events are not allowed on public channels."},
            Counter::client_event_public_channel
        );
    }
    return true;
}

}  // namespace fanfare::sessions
