// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/transport/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace fanfare::api {

/// A verified request to one app.
struct Call {
    apps::App& app;
    channels::Hub& hub;
    Counters& counters;
    spdlog::logger& log;
    const transport::HttpRequest& request;
    const protocol::QueryString& query;
    std::string subject;  ///< the decoded channel or user in the path, if the endpoint has one
};

/// Takes the answer, once; at once or later.
using Reply = std::function<void(transport::HttpResponse)>;

using Endpoint = void (*)(const Call&, const Reply&);

/// An endpoint's place in the URL: `{first}` or `{first}/{subject}` or `{first}/{subject}/{last}`,
/// below
/// `/apps/{app_id}/`.
struct EndpointMatch {
    Endpoint endpoint;
    HttpRoute route;
    std::string_view method;
    std::string subject;
};

/// Nothing if no endpoint has this path.
[[nodiscard]] std::optional<EndpointMatch> match_endpoint(std::string_view path);

/// Publishes the body of a `POST /events` in the name of `app`, and answers as that endpoint does.
void publish_event(
    apps::App& app,
    channels::Hub& hub,
    Counters& counters,
    spdlog::logger& log,
    std::string_view body,
    const Reply& reply
);

}  // namespace fanfare::api
