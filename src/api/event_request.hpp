// SPDX-License-Identifier: MIT
#pragma once

#include "attributes.hpp"

#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/transport/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fanfare::api {

/// One event that is to be published, checked.
struct EventRequest {
    std::vector<channels::Publication> publications;  ///< one per channel, in the request's order
    std::optional<Attributes> info;                   ///< asked for in the answer
};

/// The answer to what is not published, and what it is counted as.
struct Refusal {
    transport::HttpResponse response;
    Counter cause;
};

/// The body of `POST /events` as one checked event, or the answer that refuses it
/// (protocol.md 5.3).
[[nodiscard]] std::variant<EventRequest, Refusal> parse_event(
    std::string_view body, AppIndex app, const config::AppSettings& limits
);

/// The same for `POST /batch_events`: all of it, or nothing (protocol.md 5.4).
[[nodiscard]] std::variant<std::vector<EventRequest>, Refusal> parse_batch(
    std::string_view body, AppIndex app, const config::AppSettings& limits
);

}  // namespace fanfare::api
