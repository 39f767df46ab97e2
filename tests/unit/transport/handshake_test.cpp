// SPDX-License-Identifier: MIT
#include "fanfare/transport/http.hpp"

#include <gtest/gtest.h>

namespace fanfare::transport {
namespace {

using Header = HttpRequest::Header;

/// The request of RFC 6455 section 1.3.
HttpRequest handshake() {
    HttpRequest request;
    request.method = "GET";
    request.path = "/app/key";
    request.headers = {
        {"Host", "example.com"},
        {"Upgrade", "websocket"},
        {"Connection", "Upgrade"},
        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
        {"Sec-WebSocket-Version", "13"}};
    return request;
}

HttpRequest handshake_with(std::string_view name, std::string_view value) {
    HttpRequest request = handshake();
    for (Header& header : request.headers) {
        if (header.name == name) header.value = value;
    }
    return request;
}

HttpRequest handshake_without(std::string_view name) {
    HttpRequest request = handshake();
    std::erase_if(request.headers, [&](const Header& header) { return header.name == name; });
    return request;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
    for (const auto& [other, value] : response.headers) {
        if (other == name) return value;
    }
    return {};
}

void expect_refusal(const HttpRequest& request, unsigned status) {
    const HttpResponse response = answer_handshake(request);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_TRUE(response.closes_connection);
    EXPECT_FALSE(response.body.empty());
    EXPECT_EQ(header_of(response, "Sec-WebSocket-Accept"), "");
}

TEST(AnswerHandshake, r001_accepts_the_request_of_the_rfc) {
    const HttpResponse response = answer_handshake(handshake());
    EXPECT_EQ(response.status, 101U);
    EXPECT_FALSE(response.closes_connection);
    EXPECT_EQ(header_of(response, "Upgrade"), "websocket");
    EXPECT_EQ(header_of(response, "Connection"), "Upgrade");
    EXPECT_EQ(header_of(response, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(AnswerHandshake, r001_selects_no_sub_protocol_and_no_extension) {
    HttpRequest request = handshake();
    request.headers.push_back({"Sec-WebSocket-Protocol", "chat, superchat"});
    request.headers.push_back({"Sec-WebSocket-Extensions", "permessage-deflate"});
    const HttpResponse response = answer_handshake(request);
    EXPECT_EQ(response.status, 101U);
    EXPECT_EQ(response.headers.size(), 3U);
}

TEST(AnswerHandshake, reads_headers_whatever_their_case_and_in_lists) {
    EXPECT_EQ(answer_handshake(handshake_with("Upgrade", "WebSocket")).status, 101U);
    EXPECT_EQ(answer_handshake(handshake_with("Upgrade", "h2c , websocket")).status, 101U);
    EXPECT_EQ(answer_handshake(handshake_with("Connection", "keep-alive, upgrade")).status, 101U);
    EXPECT_EQ(answer_handshake(handshake_with("Connection", "keep-alive,\tUPGRADE ")).status, 101U);
    HttpRequest request = handshake();
    for (Header& header : request.headers) {
        if (header.name == "Sec-WebSocket-Key") header.name = "sec-websocket-KEY";
    }
    EXPECT_EQ(answer_handshake(request).status, 101U);
}

TEST(AnswerHandshake, r011_refuses_other_versions_with_426_and_names_its_own) {
    for (const std::string_view version : {"12", "8", "", "013", "13, 8", "14"}) {
        SCOPED_TRACE(version);
        const HttpRequest request = handshake_with("Sec-WebSocket-Version", version);
        expect_refusal(request, 426);
        EXPECT_EQ(header_of(answer_handshake(request), "Sec-WebSocket-Version"), "13");
    }
    expect_refusal(handshake_without("Sec-WebSocket-Version"), 426);
}

TEST(AnswerHandshake, r011_refuses_keys_that_are_not_16_bytes_in_base64) {
    for (const std::string_view key :
         {"",
          "short",
          "dGhlIHNhbXBsZSBub25jZQ=",
          "dGhlIHNhbXBsZSBub25jZQ===",
          "dGhlIHNhbXBsZSBub25jZQAA",
          "dGhlIHNhbXBsZSBub25jZ!=="}) {
        SCOPED_TRACE(key);
        expect_refusal(handshake_with("Sec-WebSocket-Key", key), 400);
    }
    expect_refusal(handshake_without("Sec-WebSocket-Key"), 400);
}

TEST(AnswerHandshake, r011_refuses_a_connection_that_is_not_to_be_upgraded) {
    expect_refusal(handshake_without("Connection"), 400);
    expect_refusal(handshake_with("Connection", "keep-alive"), 400);
    expect_refusal(handshake_with("Connection", "Upgraded"), 400);
}

TEST(AnswerHandshake, r011_refuses_a_request_without_host) {
    expect_refusal(handshake_without("Host"), 400);
    expect_refusal(handshake_with("Host", ""), 400);
}

TEST(AnswerHandshake, r011_refuses_an_upgrade_to_something_else_with_426) {
    for (const std::string_view upgrade : {"h2c", "websockets", "", ","}) {
        SCOPED_TRACE(upgrade);
        const HttpRequest request = handshake_with("Upgrade", upgrade);
        expect_refusal(request, 426);
        EXPECT_EQ(header_of(answer_handshake(request), "Upgrade"), "websocket");
    }
}

TEST(AnswerHandshake, r012_refuses_a_plain_get_with_426) {
    expect_refusal(handshake_without("Upgrade"), 426);
}

TEST(AnswerHandshake, refuses_other_methods_and_says_which_is_right) {
    HttpRequest request = handshake();
    request.method = "POST";
    expect_refusal(request, 405);
    EXPECT_EQ(header_of(answer_handshake(request), "Allow"), "GET");
}

TEST(AnswerHandshake, refuses_http_1_0) {
    HttpRequest request = handshake();
    request.is_http_1_1 = false;
    expect_refusal(request, 400);
}

}  // namespace
}  // namespace fanfare::transport
