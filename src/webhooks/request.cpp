// SPDX-License-Identifier: MIT
#include "request.hpp"

#include "fanfare/base/crypto.hpp"

#include <cassert>
#include <utility>

namespace fanfare::webhooks {

std::string Answer::reason() const {
    return error.empty() ? "status=" + std::to_string(status) : "\"" + error + "\"";
}

std::string body_of(std::span<const Event> batch) {
    assert(!batch.empty());
    std::string body = R"({"time_ms":)" + std::to_string(batch.front().time_ms) + R"(,"events":[)";
    for (const Event& event : batch) {
        if (&event != &batch.front()) body.push_back(',');
        body += event.json;
    }
    body += "]}";
    return body;
}

Request make_request(const Endpoint& endpoint, std::string body, std::string_view user_agent) {
    const Sha256Hex signature = HmacSha256(endpoint.secret).hex(body);
    Request request;
    request.url = endpoint.webhook.url;
    // In exactly this case: Pusher's PHP SDK looks the names up as they are.
    request.headers = {
        {"Content-Type", "application/json"},
        {"X-Pusher-Key", endpoint.key},
        {"X-Pusher-Signature", std::string(signature.begin(), signature.end())},
        {"User-Agent", std::string(user_agent)},
    };
    const auto& more = endpoint.webhook.headers;
    request.headers.insert(request.headers.end(), more.begin(), more.end());
    request.body = std::move(body);
    request.timeout = endpoint.delivery.timeout;
    request.tls_verify = endpoint.delivery.tls_verify;
    request.tls_ca_file = endpoint.delivery.tls_ca_file;
    return request;
}

}  // namespace fanfare::webhooks
