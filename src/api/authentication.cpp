// SPDX-License-Identifier: MIT
#include "fanfare/api/authentication.hpp"

#include "fanfare/protocol/signature.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace fanfare::api {

std::optional<Authentication::Fault> Authentication::find_fault(
    apps::App& app,
    const transport::HttpRequest& request,
    const protocol::QueryString& query,
    std::chrono::milliseconds unix_time
) {
    const std::string_view signature = query.find("auth_signature");
    if (signature.empty()) {
        return Fault{Counter::api_signature_missing, "auth_signature is missing."};
    }
    const std::string_view key = query.find("auth_key");
    if (!app.has_key(key)) {
        return Fault{
            Counter::api_unknown_key,
            key.empty() ? "auth_key is missing." : "auth_key is not a key of this app."};
    }
    if (query.has("auth_version") && query.find("auth_version") != "1.0") {
        return Fault{Counter::api_auth_version, "auth_version must be 1.0."};
    }
    if (auto fault = find_time_fault(query, unix_time)) return fault;

    const std::string digest = body_md5(request.body);
    const bool has_digest = query.has("body_md5");
    if (!digest.empty() && has_digest && query.find("body_md5") != digest) {
        return Fault{Counter::api_body_md5_mismatch, "body_md5 does not match the body."};
    }
    const protocol::SignedRequest to_sign{request.method, request.path, prefix_, query, digest};
    const auto is_signed = [&](const std::string& text) {
        return app.verify(key, text, signature);
    };
    if (is_signed(protocol::likeliest_request_to_sign(to_sign))) return std::nullopt;
    const auto texts = protocol::request_to_sign(to_sign);
    if (std::any_of(texts.begin() + 1, texts.end(), is_signed)) return std::nullopt;
    if (!digest.empty() && !has_digest) {
        return Fault{
            Counter::api_body_md5_missing,
            "body_md5 is missing, and the signature is not that of the request with it."};
    }
    return Fault{Counter::api_signature_mismatch, "Signature mismatch."};
}

std::string Authentication::text_to_sign(
    const transport::HttpRequest& request, const protocol::QueryString& query
) {
    const std::string digest = body_md5(request.body);
    return protocol::likeliest_request_to_sign(
        {request.method, request.path, prefix_, query, digest}
    );
}

/// Empty for an empty body.
std::string Authentication::body_md5(std::string_view body) {
    if (body.empty()) return {};
    const Md5Hex digest = md5_.hex(body);
    return {digest.data(), digest.size()};
}

std::optional<Authentication::Fault> Authentication::find_time_fault(
    const protocol::QueryString& query, std::chrono::milliseconds unix_time
) const {
    const std::string_view timestamp = query.find("auth_timestamp");
    if (timestamp.empty()) {
        return Fault{Counter::api_timestamp_missing, "auth_timestamp is missing."};
    }
    std::int64_t seconds = 0;
    const char* end = timestamp.data() + timestamp.size();
    const auto [read_up_to, error] = std::from_chars(timestamp.data(), end, seconds);
    if (error != std::errc{} || read_up_to != end) {
        return Fault{
            Counter::api_timestamp_malformed, "auth_timestamp must be a time in whole seconds."};
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
    text += " (auth_timestamp " + std::to_string(seconds) + ", server time " + std::to_string(now) +
            ", tolerance " + std::to_string(tolerance_.count()) + " s).";
    return Fault{Counter::api_clock_skew, std::move(text)};
}

}  // namespace fanfare::api
