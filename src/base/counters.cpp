// SPDX-License-Identifier: MIT
#include "fanfare/base/counters.hpp"

namespace fanfare {

namespace {

constexpr std::string_view connections = "fanfare_connections_refused_total";
constexpr std::string_view closed = "fanfare_connections_closed_total";
constexpr std::string_view messages = "fanfare_messages_refused_total";
constexpr std::string_view sign_ins = "fanfare_sign_ins_refused_total";
constexpr std::string_view subscriptions = "fanfare_subscriptions_refused_total";
constexpr std::string_view client_events = "fanfare_client_events_refused_total";
constexpr std::string_view api = "fanfare_api_requests_refused_total";

constexpr std::array<CounterName, counter_count> names{{
    {Counter::connection_unknown_app, connections, "unknown_app"},
    {Counter::connection_app_disabled, connections, "app_disabled"},
    {Counter::connection_app_unavailable, connections, "app_unavailable"},
    {Counter::connection_not_secure, connections, "not_secure"},
    {Counter::connection_protocol_version, connections, "protocol_version"},
    {Counter::connection_origin, connections, "origin"},
    {Counter::connection_over_capacity, connections, "over_capacity"},
    {Counter::connection_over_address_limit, connections, "over_address_limit"},
    {Counter::connection_over_app_quota, connections, "over_app_quota"},
    {Counter::connection_draining, connections, "draining"},
    {Counter::connection_proxy_header, connections, "proxy_header"},
    {Counter::connection_tls, connections, "tls"},
    {Counter::closed_slow_reader, closed, "slow_reader"},
    {Counter::closed_no_pong, closed, "no_pong"},
    {Counter::closed_message_rate, closed, "message_rate"},
    {Counter::closed_malformed_messages, closed, "malformed_messages"},
    {Counter::closed_message_size, closed, "message_size"},
    {Counter::closed_websocket_error, closed, "websocket_error"},
    {Counter::closed_terminated, closed, "terminated"},
    {Counter::closed_not_authorized, closed, "not_authorized"},
    {Counter::closed_app_removed, closed, "app_removed"},
    {Counter::closed_app_disabled, closed, "app_disabled"},
    {Counter::closed_key_revoked, closed, "key_revoked"},
    {Counter::closed_draining, closed, "draining"},
    {Counter::message_malformed, messages, "malformed"},
    {Counter::message_rate, messages, "rate"},
    {Counter::signin_malformed, sign_ins, "malformed"},
    {Counter::signin_unauthorized, sign_ins, "unauthorized"},
    {Counter::signin_user_data, sign_ins, "user_data"},
    {Counter::signin_other_user, sign_ins, "other_user"},
    {Counter::signin_watchlist_size, sign_ins, "watchlist_size"},
    {Counter::subscription_unauthorized, subscriptions, "unauthorized"},
    {Counter::subscription_channel_name, subscriptions, "channel_name"},
    {Counter::subscription_member, subscriptions, "member"},
    {Counter::subscription_over_connection_limit, subscriptions, "over_connection_limit"},
    {Counter::subscription_over_member_limit, subscriptions, "over_member_limit"},
    {Counter::subscription_member_size, subscriptions, "member_size"},
    {Counter::client_event_disabled, client_events, "disabled"},
    {Counter::client_event_not_a_member, client_events, "not_a_member"},
    {Counter::client_event_public_channel, client_events, "public_channel"},
    {Counter::client_event_rate, client_events, "rate"},
    {Counter::client_event_name_length, client_events, "name_length"},
    {Counter::client_event_data_size, client_events, "data_size"},
    {Counter::client_event_overloaded, client_events, "overloaded"},
    {Counter::api_unknown_app, api, "unknown_app"},
    {Counter::api_app_disabled, api, "app_disabled"},
    {Counter::api_app_unavailable, api, "app_unavailable"},
    {Counter::api_unknown_key, api, "unknown_key"},
    {Counter::api_auth_version, api, "auth_version"},
    {Counter::api_timestamp_missing, api, "timestamp_missing"},
    {Counter::api_timestamp_malformed, api, "timestamp_malformed"},
    {Counter::api_clock_skew, api, "clock_skew"},
    {Counter::api_body_md5_missing, api, "body_md5_missing"},
    {Counter::api_body_md5_mismatch, api, "body_md5_mismatch"},
    {Counter::api_signature_missing, api, "signature_missing"},
    {Counter::api_signature_mismatch, api, "signature_mismatch"},
    {Counter::api_request_rate, api, "request_rate"},
    {Counter::api_request_size, api, "request_size"},
    {Counter::api_malformed, api, "malformed"},
    {Counter::api_channel_name, api, "channel_name"},
    {Counter::api_channels_per_event, api, "channels_per_event"},
    {Counter::api_event_name_length, api, "event_name_length"},
    {Counter::api_event_name_reserved, api, "event_name_reserved"},
    {Counter::api_event_data_size, api, "event_data_size"},
    {Counter::api_batch_size, api, "batch_size"},
    {Counter::api_overloaded, api, "overloaded"},
}};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (static_cast<std::size_t>(names[i].counter) != i) return false;
    }
    return true;
}

static_assert(is_in_order());

}  // namespace

std::span<const CounterName, counter_count> counter_names() {
    return names;
}

std::string_view help_of(std::string_view family) {
    if (family == connections) return "Clients that were turned away when they connected.";
    if (family == closed) return "Connections that the server closed.";
    if (family == messages) return "Messages of clients that were refused.";
    if (family == sign_ins) return "Sign-ins that were refused, wholly or in part.";
    if (family == subscriptions) return "Subscriptions that were refused.";
    if (family == client_events) return "Client events that were refused.";
    return "Requests to the HTTP API that were refused.";
}

}  // namespace fanfare
