// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/activity.hpp"
#include "fanfare/base/tally.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fanfare {

/// What is counted: each reason for which something is refused or a connection closed. The names
/// are in counters.cpp, in the same order.
enum class Counter : std::uint8_t {
    // Connections that were turned away.
    connection_unknown_app,
    connection_app_disabled,
    connection_app_unavailable,
    connection_not_secure,
    connection_protocol_version,
    connection_origin,
    connection_over_capacity,
    connection_over_address_limit,
    connection_over_app_quota,
    connection_draining,
    connection_proxy_header,
    connection_tls,

    // Connections that were closed by the server.
    closed_slow_reader,
    closed_no_pong,
    closed_message_rate,
    closed_malformed_messages,
    closed_message_size,
    closed_websocket_error,
    closed_terminated,
    closed_not_authorized,
    closed_app_removed,
    closed_app_disabled,
    closed_key_revoked,
    closed_draining,

    // Messages of clients.
    message_malformed,
    message_rate,

    // Sign-ins.
    signin_malformed,
    signin_unauthorized,
    signin_user_data,
    signin_other_user,
    signin_watchlist_size,

    // Subscriptions.
    subscription_unauthorized,
    subscription_channel_name,
    subscription_member,
    subscription_over_connection_limit,
    subscription_over_member_limit,
    subscription_member_size,

    // Client events.
    client_event_disabled,
    client_event_not_a_member,
    client_event_public_channel,
    client_event_rate,
    client_event_name_length,
    client_event_data_size,
    client_event_overloaded,

    // Requests to the HTTP API.
    api_unknown_app,
    api_app_disabled,
    api_app_unavailable,
    api_unknown_key,
    api_auth_version,
    api_timestamp_missing,
    api_timestamp_malformed,
    api_clock_skew,
    api_body_md5_missing,
    api_body_md5_mismatch,
    api_signature_missing,
    api_signature_mismatch,
    api_request_rate,
    api_request_size,
    api_malformed,
    api_channel_name,
    api_channels_per_event,
    api_event_name_length,
    api_event_name_reserved,
    api_event_data_size,
    api_batch_size,
    api_overloaded,

    last = api_overloaded,
};

inline constexpr std::size_t counter_count = static_cast<std::size_t>(Counter::last) + 1;

/// How a counter is called to the outside: `{family}{reason="{reason}"}`.
struct CounterName {
    Counter counter;
    std::string_view family;
    std::string_view reason;
};

/// In the order of Counter; those of a family stand together.
[[nodiscard]] std::span<const CounterName, counter_count> counter_names();

/// One line for people about a family of counter_names().
[[nodiscard]] std::string_view help_of(std::string_view family);

/// The counts of one shard since the start: of what it refused, and of all that it did. Its thread
/// adds, any thread may read.
class Counters {
public:
    void add(Counter counter) { counts_[static_cast<std::size_t>(counter)].add(); }

    [[nodiscard]] std::uint64_t of(Counter counter) const {
        return counts_[static_cast<std::size_t>(counter)].value();
    }

    [[nodiscard]] Activity& activity() { return activity_; }

    [[nodiscard]] const Activity& activity() const { return activity_; }

private:
    std::array<Tally, counter_count> counts_;
    Activity activity_;
};

}  // namespace fanfare
