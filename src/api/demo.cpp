// SPDX-License-Identifier: MIT
#include "fanfare/api/demo.hpp"

#include "endpoints.hpp"
#include "replies.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/protocol/signature.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace fanfare::api {

using protocol::json_string;
using transport::HttpRequest;
using transport::HttpResponder;
using transport::HttpResponse;

namespace {

constexpr std::size_t max_name_bytes = 160;  // 40 characters of UTF-8

/// Browsers refuse a module script with any other type than JavaScript's.
std::string_view content_type_of(const std::filesystem::path& file) {
    const std::string extension = file.extension().string();
    if (extension == ".html") return "text/html; charset=utf-8";
    if (extension == ".css") return "text/css; charset=utf-8";
    if (extension == ".js") return "text/javascript; charset=utf-8";
    return "text/plain; charset=utf-8";
}

/// A name inside the folder, with no way out of it.
bool is_safe_name(std::string_view name) {
    const bool has_plain_characters = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/';
    });
    return has_plain_characters && name.find("..") == std::string_view::npos &&
           !name.starts_with('/');
}

}  // namespace

Demo::Demo(
    std::filesystem::path directory,
    std::string path_prefix,
    const apps::AppList& apps,
    std::string app_id,
    channels::Hub& hub,
    Counters& counters,
    spdlog::logger& log
)
    : directory_(std::move(directory)),
      path_prefix_(std::move(path_prefix)),
      apps_(apps),
      app_id_(std::move(app_id)),
      hub_(hub),
      counters_(counters),
      log_(log) {}

void Demo::on_request(
    std::string_view path, const HttpRequest& request, const HttpResponder& responder
) {
    constexpr std::string_view folder = "/demo/";
    if (path.size() < folder.size()) {
        HttpResponse redirect = text_reply(302, "");
        redirect.headers.emplace_back("Location", path_prefix_ + std::string(folder));
        return responder.respond(redirect);
    }
    apps::App* app = apps_.find_by_id(app_id_);
    if (app == nullptr) return responder.respond(text_reply(404, "The demo's app was removed."));
    const std::string_view name = path.substr(folder.size());
    if (request.method == "POST" && name == "auth")
        return responder.respond(authorize(*app, request.body));
    if (request.method == "POST" && name == "publish") return publish(*app, request, responder);
    if (name == "config.json") {
        return responder.respond(json_reply(
            200,
            R"({"key":)" + json_string(app->settings().key) + R"(,"path":)" +
                json_string(path_prefix_) + "}"
        ));
    }
    responder.respond(serve_file(name.empty() ? "index.html" : name));
}

HttpResponse Demo::serve_file(std::string_view name) const {
    if (!is_safe_name(name)) return text_reply(404, "Not found.");
    const std::filesystem::path file = directory_ / name;
    std::ifstream stream(file, std::ios::binary);
    if (!stream || !std::filesystem::is_regular_file(file)) return text_reply(404, "Not found.");
    HttpResponse response = text_reply(
        200, std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>())
    );
    response.content_type = content_type_of(file);
    response.headers.emplace_back("Cache-Control", "no-cache");
    return response;
}

HttpResponse Demo::authorize(apps::App& app, std::string_view form) {
    const protocol::QueryString fields(form);
    const auto socket_id = protocol::parse_socket_id(fields.find("socket_id"));
    const std::string_view channel = fields.find("channel_name");
    const std::string_view name = fields.find("name");
    if (!socket_id || !protocol::kind_of(channel).needs_auth || name.empty() ||
        name.size() > max_name_bytes) {
        return text_reply(403, "socket_id, channel_name and name are needed.");
    }
    std::string channel_data;
    if (protocol::kind_of(channel).is_presence) {
        channel_data = R"({"user_id":)" + json_string(name) + R"(,"user_info":{"name":)" +
                       json_string(name) + "}}";
    }
    const Sha256Hex signature =
        app.signer().hex(protocol::subscription_to_sign(*socket_id, channel, channel_data));
    std::string auth = app.settings().key + ':';
    auth.append(signature.data(), signature.size());
    std::string json = R"({"auth":)" + json_string(auth);
    if (!channel_data.empty()) json += R"(,"channel_data":)" + json_string(channel_data);
    return json_reply(200, json + "}");
}

void Demo::publish(apps::App& app, const HttpRequest& request, const HttpResponder& responder)
    const {
    // A form of another site can post text, but not this type without asking first.
    if (!request.header("Content-Type").starts_with("application/json")) {
        return responder.respond(text_reply(400, "The content type must be application/json."));
    }
    publish_event(
        app,
        hub_,
        counters_,
        log_,
        request.body,
        [responder](const HttpResponse& response) { responder.respond(response); }
    );
}

}  // namespace fanfare::api
