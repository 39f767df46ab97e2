// SPDX-License-Identifier: MIT
#include "fanfare/api/health.hpp"

#include "replies.hpp"

#include "fanfare/base/process_stats.hpp"
#include "fanfare/protocol/json.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace fanfare::api {

using transport::HttpResponse;

namespace {

/// Of what there is; soketi's default.
constexpr std::uint64_t max_memory_percent = 85;

struct Memory {
    std::uint64_t total;
    std::uint64_t used;

    [[nodiscard]] std::uint64_t percent() const { return total == 0 ? 0 : 100 * used / total; }
};

Memory read_memory() {
    const std::uint64_t total = available_memory();
    return {total, std::min(total, resident_memory())};
}

std::string to_json(const Memory& memory) {
    return R"({"memory":{"free":)" + std::to_string(memory.total - memory.used) + R"(,"used":)" +
           std::to_string(memory.used) + R"(,"total":)" + std::to_string(memory.total) +
           R"(,"percent":)" + std::to_string(memory.percent()) + "}}";
}

std::string to_json(const std::vector<std::string_view>& words) {
    std::string json;
    for (const std::string_view word : words) {
        json += (json.empty() ? "" : ",") + protocol::json_string(word);
    }
    return "[" + json + "]";
}

}  // namespace

HealthPages::HealthPages(const config::ServerSettings& settings, Health health)
    : settings_(settings), health_(std::move(health)) {}

std::optional<HttpResponse> HealthPages::find(std::string_view path) const {
    if (path == "/up" || path == "/live") return json_reply(200, R"({"health":"OK"})");
    if (path == "/ready") return readiness();
    if (path == "/" && settings_.root_ok) return text_reply(200, "OK");
    if (settings_.soketi_monitoring) return find_soketi_page(path);
    return std::nullopt;
}

/// Without Redis a node still serves its own clients, so it is ready, unless the operator wants it
/// otherwise: if all nodes said no, a load balancer would take the whole service away. So it is
/// without the apps' database, with the apps that it knows.
HttpResponse HealthPages::readiness() const {
    std::vector<std::string_view> reasons = health_.troubles();
    const bool is_degraded = !reasons.empty();
    if (health_.is_draining) reasons.insert(reasons.begin(), "draining");
    const bool is_ready = !health_.is_draining && !(is_degraded && settings_.strict_ready);
    return json_reply(
        is_ready ? 200 : 503,
        std::string(is_ready ? R"({"ready":true)" : R"({"ready":false)") +
            (is_degraded ? R"(,"degraded":true)" : "") + R"(,"reasons":)" + to_json(reasons) + "}"
    );
}

std::optional<HttpResponse> HealthPages::find_soketi_page(std::string_view path) const {
    if (path == "/") return text_reply(200, "OK");
    if (path == "/usage") return json_reply(200, to_json(read_memory()));
    if (path != "/accept-traffic") return std::nullopt;
    if (health_.is_draining) {
        return text_reply(503, "The server is closing. Choose another server.");
    }
    const Memory memory = read_memory();
    if (memory.percent() > max_memory_percent) {
        return text_reply(503, "Low on memory here. Choose another server.");
    }
    return json_reply(200, to_json(memory));
}

}  // namespace fanfare::api
