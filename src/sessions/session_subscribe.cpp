// SPDX-License-Identifier: MIT
// Subscriptions (protocol.md 2.3 and 3).
#include "signin_request.hpp"
#include "subscribe_request.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/signature.hpp"
#include "fanfare/sessions/session.hpp"

#include <string>
#include <utility>

namespace fanfare::sessions {

using protocol::Error;
using protocol::RawJson;
using protocol::frames::SubscriptionRefusal;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

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
        protocol::subscription_to_sign(socket_id(), request.channel, request.channel_data),
        request.channel_data
    );
}

void Session::on_join_result(
    std::string_view channel,
    channels::JoinResult result,
    const BufferPtr& confirmation,
    const BufferPtr& replay
) {
    if (protocol::kind_of(channel).is_reserved) return on_hidden_join(channel);
    if (result == channels::JoinResult::joined) {
        note_subscription(channel);
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

void Session::unsubscribe(std::string_view raw_data) {
    const std::string text = object_text(raw_data);
    const auto data = RawJson::parse(text);
    const auto channel =
        data && data->is_object() ? protocol::string_value(data->find("channel")) : std::nullopt;
    if (!channel) return reject_message();
    if (protocol::kind_of(*channel).is_reserved) return;
    context_.hub.leave(*this, {app(), *channel});
}

void Session::refuse_subscription(
    std::string_view channel,
    const SubscriptionRefusal& refusal,
    const Error& error,
    Counter counter
) {
    count_refusal("subscription refused", counter, channel);
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

}  // namespace fanfare::sessions
