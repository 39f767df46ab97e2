// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/api/authentication.hpp"
#include "fanfare/apps/app.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/transport/http.hpp"

#include <memory>
#include <string_view>

namespace fanfare::api {

class Demo;

/// The HTTP side of a shard: Pusher's API for the apps' backends (protocol.md section 5), health,
/// and the newcomers' demo if it is on.
class Router {
public:
    /// `cluster` is null if this node is alone, `demo` unless the demo is on. All references
    /// outlive the router.
    Router(
        const config::ServerSettings& settings,
        apps::AppList& apps,
        channels::Hub& hub,
        const Clock& clock,
        const channels::Cluster* cluster,
        Demo* demo
    );

    void on_request(
        const transport::HttpRequest& request, const transport::HttpResponder& responder
    );

    /// From here on `/ready` says 503. Publishing goes on, because clients that are still connected
    /// must not miss anything.
    void begin_drain() { is_draining_ = true; }

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
    [[nodiscard]] transport::HttpResponse readiness() const;
    [[nodiscard]] transport::HttpResponse preflight(const transport::HttpRequest& request) const;

    const config::ServerSettings& settings_;
    apps::AppList& apps_;
    channels::Hub& hub_;
    const Clock& clock_;
    const channels::Cluster* cluster_;
    Demo* demo_;
    Authentication authentication_;
    bool is_draining_ = false;
};

}  // namespace fanfare::api
