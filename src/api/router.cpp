// SPDX-License-Identifier: MIT
#include "fanfare/api/router.hpp"

#include "endpoints.hpp"
#include "replies.hpp"

#include "fanfare/api/demo.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace fanfare::api {

using transport::HttpRequest;
using transport::HttpResponder;
using transport::HttpResponse;

namespace {

HttpResponse not_found() {
    return text_reply(404, "Not found.");
}

HttpResponse method_not_allowed(std::string allowed) {
    HttpResponse response = text_reply(405, "Method not allowed.");
    response.headers.emplace_back("Allow", std::move(allowed));
    return response;
}

/// A page that needs no signature.
void answer_page(
    const HttpRequest& request, const HttpResponder& responder, const HttpResponse& page
) {
    const bool is_read = request.method == "GET" || request.method == "HEAD";
    responder.respond(is_read ? page : method_not_allowed("GET, HEAD"));
}

std::string allowed_methods(std::string_view method) {
    return method == "GET" ? "GET, HEAD" : std::string(method);
}

}  // namespace

Router::Router(
    const config::ServerSettings& settings,
    apps::AppList& apps,
    channels::Hub& hub,
    const Clock& clock,
    const channels::Cluster* cluster,
    Demo* demo
)
    : settings_(settings),
      apps_(apps),
      hub_(hub),
      clock_(clock),
      cluster_(cluster),
      demo_(demo),
      authentication_(settings.path, settings.auth_timestamp_tolerance) {}

void Router::on_request(const HttpRequest& request, const HttpResponder& responder) {
    std::string_view path = request.path;
    if (!path.starts_with(settings_.path)) return responder.respond(not_found());
    path.remove_prefix(settings_.path.size());
    on_path(path, request, responder);
}

void Router::on_path(
    std::string_view path, const HttpRequest& request, const HttpResponder& responder
) {
    constexpr std::string_view apps_path = "/apps/";
    if (path.starts_with(apps_path)) {
        path.remove_prefix(apps_path.size());
        return on_app_path(path, request, responder);
    }
    if (path == "/up" || path == "/live") {
        return answer_page(request, responder, json_reply(200, R"({"health":"OK"})"));
    }
    if (path == "/ready") {
        return answer_page(request, responder, readiness());
    }
    if (path == "/" && settings_.root_ok) {
        return answer_page(request, responder, text_reply(200, "OK"));
    }
    if (demo_ != nullptr && (path == "/demo" || path.starts_with("/demo/"))) {
        return demo_->on_request(path, request, responder);
    }
    responder.respond(not_found());
}

/// Without Redis a node still serves its own clients, so it is ready: if all nodes said no, a load
/// balancer would take the whole service away.
HttpResponse Router::readiness() const {
    if (is_draining_) return json_reply(503, R"({"ready":false,"reasons":["draining"]})");
    const std::string_view trouble = cluster_ == nullptr ? "" : cluster_->trouble();
    if (trouble.empty()) return json_reply(200, R"({"ready":true,"reasons":[]})");
    return json_reply(
        200, R"({"ready":true,"degraded":true,"reasons":[")" + std::string(trouble) + "\"]}"
    );
}

void Router::on_app_path(
    std::string_view path, const HttpRequest& request, const HttpResponder& responder
) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string app_id = protocol::percent_decode(path.substr(0, slash), false);
    const auto match = match_endpoint(path.substr(std::min(path.size(), slash + 1)));
    if (!match) return responder.respond(not_found());

    HttpResponse cors = preflight(request);
    if (request.method == "OPTIONS" && cors.status == 204) return responder.respond(cors);
    const Reply reply = [responder, headers = std::move(cors.headers)](HttpResponse response) {
        response.headers.insert(response.headers.end(), headers.begin(), headers.end());
        responder.respond(response);
    };
    const bool is_head = request.method == "HEAD" && match->method == "GET";
    if (request.method != match->method && !is_head) {
        return reply(method_not_allowed(allowed_methods(match->method)));
    }
    apps::App* app = apps_.find_by_id(app_id);
    if (app == nullptr) {
        // As it came: decoded it might hold anything, a line break included.
        const std::string shown(path.substr(0, slash));
        return reply(text_reply(404, "No matching application for ID [" + shown + "]."));
    }
    if (!app->settings().enabled) return reply(text_reply(403, "Application disabled."));
    if (const auto encoding = request.header("Content-Encoding");
        !encoding.empty() && encoding != "identity") {
        return reply(text_reply(400, "A body with a Content-Encoding is not supported."));
    }
    const protocol::QueryString query(request.query);
    if (auto fault = authentication_.find_fault(*app, request, query, clock_.unix_time())) {
        return reply(text_reply(401, "Authentication signature invalid. " + *fault));
    }
    match->endpoint({*app, hub_, request, query, match->subject}, reply);
}

/// 204 with the CORS headers that an allowed browser origin needs; 404 without any for all else.
HttpResponse Router::preflight(const HttpRequest& request) const {
    const auto& allowed = settings_.api_cors_origins;
    const std::string_view origin = request.header("Origin");
    const bool allows_all = std::ranges::find(allowed, "*") != allowed.end();
    if (origin.empty() || (!allows_all && std::ranges::find(allowed, origin) == allowed.end())) {
        return not_found();
    }
    HttpResponse response = text_reply(204, "");
    response.headers.emplace_back("Access-Control-Allow-Origin", allows_all ? "*" : origin);
    if (!allows_all) response.headers.emplace_back("Vary", "Origin");
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    response.headers.emplace_back(
        "Access-Control-Allow-Headers",
        "Origin, Content-Type, X-Auth-Token, X-Requested-With, Accept, "
        "Authorization, X-CSRF-TOKEN, XSRF-TOKEN, X-Socket-Id"
    );
    return response;
}

}  // namespace fanfare::api
