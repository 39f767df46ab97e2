// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/probe/client.hpp"
#include "fanfare/probe/target.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace fanfare::doctor {

/// How long each step may take.
inline constexpr std::chrono::seconds patience{5};

/// With what one knocks.
struct Credentials {
    std::string app_id;
    std::string key;
    std::string secret;
};

/// How an attempt failed that led to no answer.
struct Trouble {
    probe::Stage stage = probe::Stage::connect;
    std::string text;
};

/// What came of asking for something at an address. One of the first three is there.
struct Visit {
    std::optional<Trouble> trouble;
    std::optional<probe::Answer> answer;
    std::string message;  ///< the first one, if it became a WebSocket
    std::optional<probe::Certificate> certificate;
    std::chrono::milliseconds latency{0};
    std::chrono::system_clock::time_point at;  ///< when the answer came, by this machine's clock
};

/// `GET path`.
[[nodiscard]] Visit get(const probe::Target& target, const std::string& path);

/// `GET {prefix}/apps/{id}/channels`, signed. Of the examination's own channels only, as there may
/// be very many.
[[nodiscard]] Visit list_channels(
    const probe::Target& target, const std::string& prefix, const Credentials& app
);

/// A client of the app; `socket` is null unless it is connected.
struct Knock {
    Visit visit;
    std::unique_ptr<probe::Client> socket;
};

/// A WebSocket to `{prefix}/app/{key}`. `origin` may be empty.
[[nodiscard]] Knock connect(
    const probe::Target& target,
    const std::string& prefix,
    const std::string& key,
    const std::string& origin
);

/// The way of an event: the client subscribes to a private channel that nobody else has, the
/// API gets an event for it, the client gets the event.
struct RoundTrip {
    std::string trouble;  ///< empty if it arrived
    std::chrono::milliseconds latency{0};
};

[[nodiscard]] RoundTrip send_round(
    Knock& client, const probe::Target& api, const std::string& prefix, const Credentials& app
);

}  // namespace fanfare::doctor
