// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/api/authentication.hpp"
#include "fanfare/api/health.hpp"
#include "fanfare/apps/app.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/transport/http.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace fanfare::api {

class Demo;

/// What the API of a shard works with. Outlives it.
struct RouterContext {
    apps::AppList& apps;
    channels::Hub& hub;
    const Clock& clock;
    spdlog::logger& log;
    Counters& counters;
};

/// The HTTP side of a shard: Pusher's API for the apps' backends (protocol.md section 5), health,
/// and the newcomers' demo if it is on.
class Router {
public:
    /// `demo` is null unless the demo is on. It and `settings` outlive the router.
    Router(
        const config::ServerSettings& settings,
        const RouterContext& context,
        Health health,
        Demo* demo
    );

    void on_request(
        const transport::HttpRequest& request, const transport::HttpResponder& responder
    );

    /// Told the status and the body of an answer.
    using Answered = std::function<void(unsigned, const std::string&)>;

    /// For operators: the body of a `POST /apps/{app_id}/events`, without a signature.
    void publish(std::string_view app_id, std::string_view body, const Answered& done);

private:
    void on_path(
        std::string_view path,
        const transport::HttpRequest& request,
        const transport::HttpResponder& responder
    );
    void on_app_path(
        std::string_view path,
        const transport::HttpRequest& request,
        const transport::HttpResponder& responder
    );
    [[nodiscard]] std::function<void(unsigned)> answer_log(const transport::HttpRequest& request
    ) const;
    [[nodiscard]] std::optional<transport::HttpResponse> find_refusal(
        apps::App& app, const transport::HttpRequest& request, const protocol::QueryString& query
    );
    [[nodiscard]] transport::HttpResponse refuse_signature(
        const apps::App& app,
        const transport::HttpRequest& request,
        const protocol::QueryString& query,
        const Authentication::Fault& fault
    );
    [[nodiscard]] transport::HttpResponse preflight(const transport::HttpRequest& request) const;

    const config::ServerSettings& settings_;
    RouterContext context_;
    HealthPages health_;
    Demo* demo_;
    Authentication authentication_;
};

}  // namespace fanfare::api
