// SPDX-License-Identifier: MIT
#include "fanfare/api/authentication.hpp"

#include "fanfare/protocol/signature.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace fanfare::api {

std::optional<std::string> Authentication::find_fault(
    apps::App& app,
    const transport::HttpRequest& request,
    const protocol::QueryString& query,
    std::chrono::milliseconds unix_time
) {
    const std::string_view signature = query.find("auth_signature");
    if (signature.empty()) return "auth_signature is missing.";
    if (query.find("auth_key") != app.settings().key) return "auth_key is not a key of this app.";
    if (query.has("auth_version") && query.find("auth_version") != "1.0") {
        return "auth_version must be 1.0.";
    }
    if (auto fault = find_time_fault(query.find("auth_timestamp"), unix_time)) return fault;

    std::string body_md5;
    if (!request.body.empty()) {
        const Md5Hex digest = md5_.hex(request.body);
        body_md5.assign(digest.data(), digest.size());
        if (query.has("body_md5") && query.find("body_md5") != body_md5) {
            return "body_md5 does not match the body.";
        }
    }
    const protocol::SignedRequest to_sign{request.method, request.path, prefix_, query, body_md5};
    const auto is_signed = [&](const std::string& text) {
        return app.signer().verify(text, signature);
    };
    if (is_signed(protocol::likeliest_request_to_sign(to_sign))) return std::nullopt;
    const auto texts = protocol::request_to_sign(to_sign);
    if (std::any_of(texts.begin() + 1, texts.end(), is_signed)) return std::nullopt;
    return "Signature mismatch.";
}

std::optional<std::string> Authentication::find_time_fault(
    std::string_view timestamp, std::chrono::milliseconds unix_time
) const {
    std::int64_t seconds = 0;
    const char* end = timestamp.data() + timestamp.size();
    const auto [read_up_to, error] = std::from_chars(timestamp.data(), end, seconds);
    if (timestamp.empty() || error != std::errc{} || read_up_to != end) {
        return "auth_timestamp must be a time in whole seconds.";
    }
    if (tolerance_.count() == 0) return std::nullopt;
    // Compared without subtracting first: the number is the client's and may be any.
    const std::int64_t now = std::chrono::floor<std::chrono::seconds>(unix_time).count();
    if (seconds >= now - tolerance_.count() && seconds <= now + tolerance_.count()) {
        return std::nullopt;
    }
    std::string text = "Timestamp is ";
    if (seconds < 0) {
        text += "negative";
    } else if (seconds < now) {
        text += std::to_string(now - seconds) + " s old";
    } else {
        text += std::to_string(seconds - now) + " s in the future";
    }
    return text + " (auth_timestamp " + std::to_string(seconds) + ", server time " +
           std::to_string(now) + ", tolerance " + std::to_string(tolerance_.count()) + " s).";
}

}  // namespace fanfare::api
