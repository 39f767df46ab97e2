// SPDX-License-Identifier: MIT
#include "fanfare/base/crypto.hpp"
#include "fanfare/transport/http.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr std::size_t key_length = 24;  // 16 bytes in base64

bool is_equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

/// Whether a comma-separated header has `token`.
bool is_in_list(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        item.remove_prefix(std::min(item.size(), item.find_first_not_of(" \t")));
        item = item.substr(0, item.find_last_not_of(" \t") + 1);
        if (is_equal_ignoring_case(item, token)) return true;
    }
    return false;
}

bool is_websocket_key(std::string_view key) {
    return key.size() == key_length && key.ends_with("==") &&
           std::ranges::all_of(key.substr(0, key_length - 2), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '+' || c == '/';
           });
}

}  // namespace

bool HttpRequest::Header::is_called(std::string_view other) const {
    return is_equal_ignoring_case(name, other);
}

std::string_view HttpRequest::header(std::string_view name) const {
    const auto found =
        std::ranges::find_if(headers, [&](const Header& header) { return header.is_called(name); });
    return found == headers.end() ? std::string_view{} : found->value;
}

bool HttpRequest::has_token(std::string_view name, std::string_view token) const {
    return std::ranges::any_of(headers, [&](const Header& header) {
        return header.is_called(name) && is_in_list(header.value, token);
    });
}

HttpResponse refusal(unsigned status, std::string reason) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(reason);
    response.closes_connection = true;
    return response;
}

HttpResponse answer_handshake(const HttpRequest& request) {
    if (request.method != "GET") {
        HttpResponse response = refusal(405, "Method not allowed.");
        response.headers.emplace_back("Allow", "GET");
        return response;
    }
    if (!request.has_token("Upgrade", "websocket")) {
        HttpResponse response = refusal(426, "This address is for WebSocket connections only.");
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    if (!request.is_http_1_1) return refusal(400, "A WebSocket handshake needs HTTP/1.1.");
    if (!request.has_token("Connection", "Upgrade")) {
        return refusal(
            400,
            "The Connection header does not say Upgrade (a proxy in front may have dropped it)."
        );
    }
    if (request.header("Host").empty()) return refusal(400, "The Host header is missing.");
    if (request.header("Sec-WebSocket-Version") != "13") {
        HttpResponse response = refusal(426, "Only WebSocket version 13 is supported.");
        response.headers.emplace_back("Upgrade", "websocket");
        response.headers.emplace_back("Sec-WebSocket-Version", "13");
        return response;
    }
    if (!is_websocket_key(request.header("Sec-WebSocket-Key"))) {
        return refusal(
            400, "The Sec-WebSocket-Key header is missing or is not 16 bytes in base64."
        );
    }
    HttpResponse response;
    response.status = 101;
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Connection", "Upgrade");
    response.headers.emplace_back(
        "Sec-WebSocket-Accept", websocket_accept(request.header("Sec-WebSocket-Key"))
    );
    return response;
}

}  // namespace fanfare::transport
