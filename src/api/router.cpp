// SPDX-License-Identifier: MIT
#include "fanfare/api/router.hpp"

#include "endpoints.hpp"
#include "replies.hpp"

#include "fanfare/api/demo.hpp"
#include "fanfare/base/log_text.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <string>
#include <utility>

namespace fanfare::api {

using transport::HttpRequest;
using transport::HttpResponder;
using transport::HttpResponse;

namespace {

constexpr std::size_t max_logged_text = 2'048;

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

HttpResponse too_many_requests(std::uint32_t rate) {
    HttpResponse response = text_reply(
        429,
        "The app may make " + std::to_string(rate) +
            " API requests in a second (max_api_requests_per_second)."
    );
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

HttpResponse app_unavailable() {
    HttpResponse response = text_reply(
        503, "The application cannot be looked up now, because the database of the apps is away."
    );
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

/// The field of the log by which a proxy and Laravel know a request too, if they have given it one.
std::string request_id_of(const HttpRequest& request) {
    const std::string_view id = request.header("X-Request-Id");
    return id.empty() ? "" : " request_id=" + log_text(id);
}

std::string allowed_methods(std::string_view method) {
    return method == "GET" ? "GET, HEAD" : std::string(method);
}

}  // namespace

Router::Router(
    const config::ServerSettings& settings, const RouterContext& context, Health health, Demo* demo
)
    : settings_(settings),
      context_(context),
      health_(settings, std::move(health)),
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
    if (const auto page = health_.find(path)) {
        responder.set_route(HttpRoute::health);
        return answer_page(request, responder, *page);
    }
    if (demo_ != nullptr && (path == "/demo" || path.starts_with("/demo/"))) {
        responder.set_route(HttpRoute::demo);
        return demo_->on_request(path, request, responder);
    }
    responder.respond(not_found());
}

void Router::on_app_path(
    std::string_view path, const HttpRequest& request, const HttpResponder& responder
) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string app_id = protocol::percent_decode(path.substr(0, slash), false);
    const auto match = match_endpoint(path.substr(std::min(path.size(), slash + 1)));
    if (!match) return responder.respond(not_found());
    responder.set_route(match->route);

    HttpResponse cors = preflight(request);
    if (request.method == "OPTIONS" && cors.status == 204) return responder.respond(cors);
    const Reply reply = [log = answer_log(request),
                         responder,
                         headers = std::move(cors.headers)](HttpResponse response) {
        response.headers.insert(response.headers.end(), headers.begin(), headers.end());
        if (log) log(response.status);
        responder.respond(response);
    };
    const bool is_head = request.method == "HEAD" && match->method == "GET";
    if (request.method != match->method && !is_head) {
        return reply(method_not_allowed(allowed_methods(match->method)));
    }
    apps::App* app = context_.apps.find_by_id(app_id);
    if (app == nullptr && context_.apps.is_uncertain()) {
        context_.counters.add(Counter::api_app_unavailable);
        return reply(app_unavailable());
    }
    if (app == nullptr) {
        context_.counters.add(Counter::api_unknown_app);
        // As it came: decoded it might hold anything, a line break included.
        const std::string shown(path.substr(0, slash));
        return reply(text_reply(404, "No matching application for ID [" + shown + "]."));
    }
    const protocol::QueryString query(request.query);
    if (auto refusal = find_refusal(*app, request, query)) return reply(std::move(*refusal));
    AppActivity& activity = context_.counters.activity().of_app(app->index());
    activity.api_requests.add();
    activity.api_received_bytes.add(request.body.size());
    match->endpoint(
        {*app, context_.hub, context_.counters, context_.log, request, query, match->subject},
        [reply, &activity](HttpResponse response) {
            activity.api_sent_bytes.add(response.body.size());
            reply(std::move(response));
        }
    );
}

/// Null unless answers are logged. The request is gone when it is called.
std::function<void(unsigned)> Router::answer_log(const HttpRequest& request) const {
    if (!context_.log.should_log(spdlog::level::debug)) return nullptr;
    std::string what = "api request method=" + log_text(request.method) +
                       " path=" + log_text(request.path, max_logged_text) + request_id_of(request);
    return [&log = context_.log, what = std::move(what)](unsigned status) {
        log.debug("{} status={}", what, status);
    };
}

void Router::publish(std::string_view app_id, std::string_view body, const Answered& done) {
    apps::App* const app = context_.apps.find_by_id(app_id);
    if (app == nullptr) return done(404, "there is no app " + std::string(app_id));
    publish_event(
        *app,
        context_.hub,
        context_.counters,
        context_.log,
        body,
        [done](const HttpResponse& response) { done(response.status, response.body); }
    );
}

/// The checks that all endpoints have in common; the answer to the first that fails.
std::optional<HttpResponse> Router::find_refusal(
    apps::App& app, const HttpRequest& request, const protocol::QueryString& query
) {
    if (!app.settings().enabled) {
        context_.counters.add(Counter::api_app_disabled);
        return text_reply(403, "Application disabled.");
    }
    if (const auto encoding = request.header("Content-Encoding");
        !encoding.empty() && encoding != "identity") {
        context_.counters.add(Counter::api_malformed);
        return text_reply(400, "A body with a Content-Encoding is not supported.");
    }
    const auto fault = authentication_.find_fault(app, request, query, context_.clock.unix_time());
    if (fault) return refuse_signature(app, request, query, *fault);
    // Not before the signature, or strangers could use up what the app may do.
    const std::uint32_t rate = app.settings().max_api_requests_per_second;
    if (rate == 0 || app.api_requests().take(context_.clock.now(), rate)) return std::nullopt;
    context_.counters.add(Counter::api_request_rate);
    return too_many_requests(rate);
}

HttpResponse Router::refuse_signature(
    const apps::App& app,
    const HttpRequest& request,
    const protocol::QueryString& query,
    const Authentication::Fault& fault
) {
    context_.counters.add(fault.cause);
    if (context_.log.should_log(spdlog::level::debug)) {
        context_.log.debug(
            "api request refused app={}{} reason=\"{}\" to_sign=\"{}\"",
            app.settings().id,
            request_id_of(request),
            fault.text,
            log_text(authentication_.text_to_sign(request, query), max_logged_text)
        );
    }
    return text_reply(401, "Authentication signature invalid. " + fault.text);
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
