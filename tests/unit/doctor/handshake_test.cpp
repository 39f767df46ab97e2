// SPDX-License-Identifier: MIT
#include "laravel_app.hpp"
#include "reachability.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

class Handshake : public testing::Test {
protected:
    Handshake() {
        settings_.server.port = 8080;
        settings_.server.path = "/ws";
    }

    [[nodiscard]] Place place(bool is_direct = false) const {
        return {"public address", *parse_address("https://ws.shop.test/ws"), is_direct, settings_};
    }

    [[nodiscard]] Finding answered(
        unsigned status, const std::string& type, const std::string& body
    ) const {
        Visit visit;
        visit.answer = probe::Answer{};
        visit.answer->status = status;
        visit.answer->server = "nginx/1.22.1";
        visit.answer->content_type = type;
        visit.answer->body = body;
        return judge_handshake(visit, place());
    }

    [[nodiscard]] Finding begun(const std::string& message, bool is_direct = false) const {
        Visit visit;
        visit.message = message;
        return judge_handshake(visit, place(is_direct));
    }

    [[nodiscard]] Finding refused(int code) const {
        return begun(
            R"({"event":"pusher:error","data":"{\"code\":)" + std::to_string(code) +
            R"(,\"message\":\"Words\"}"})"
        );
    }

    [[nodiscard]] Finding failed(probe::Stage stage) const {
        Visit visit;
        visit.trouble = Trouble{stage, "its own words"};
        return judge_handshake(visit, place());
    }

    config::Settings settings_ = server_with_app();
};

TEST_F(Handshake, ends_with_a_socket_id) {
    const Finding finding =
        begun(R"({"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\"}"})");
    EXPECT_THAT(
        finding, Says(Severity::ok, "https://ws.shop.test/ws/app/…: a client connects", "")
    );
}

TEST_F(Handshake, without_the_headers_names_the_lines_of_nginx) {
    for (const auto& [status, body] : std::initializer_list<std::pair<unsigned, const char*>>{
             {426, "This address is for WebSocket connections only."},
             {400, "A WebSocket handshake needs HTTP/1.1."},
             {400, "The Connection header does not say Upgrade (a proxy in front may …)."}}) {
        const Finding finding = answered(status, "text/plain", body);
        EXPECT_THAT(
            finding,
            Says(
                Severity::error,
                std::to_string(status) + ": " + body,
                "location /ws/app/ {\n"
                "    proxy_pass http://127.0.0.1:8080;\n"
                "    proxy_http_version 1.1;\n"
            )
        );
        EXPECT_THAT(
            finding.fix,
            ::testing::EndsWith("    proxy_set_header Upgrade $http_upgrade;\n"
                                "    proxy_set_header Connection \"upgrade\";\n"
                                "    proxy_read_timeout 120s;\n}\n")
        );
    }
}

TEST_F(Handshake, that_ends_at_another_server_says_so) {
    const auto page = "text/html; charset=UTF-8";
    EXPECT_THAT(
        answered(404, page, "<html>"),
        Says(Severity::error, "404 from nginx/1.22.1 with a web page", "location /ws/app/ {")
    );
    EXPECT_THAT(answered(200, page, "<html>"), Says(Severity::error, "200", "location /ws/app/ {"));
    EXPECT_THAT(
        answered(404, "text/plain", "Not found."),
        Says(Severity::error, "Not found.", "REVERB_SERVER_PATH")
    );
    EXPECT_THAT(
        answered(502, page, "<html>"),
        Says(Severity::error, "502", "proxy_pass has to lead to 127.0.0.1:8080")
    );
    EXPECT_THAT(answered(403, page, "<html>"), Says(Severity::error, "403", "auth_basic off"));
    EXPECT_THAT(
        answered(400, page, "<title>400 The plain HTTP request was sent to HTTPS port</title>"),
        Says(Severity::error, "400", "REVERB_SCHEME")
    );
}

TEST_F(Handshake, that_is_sent_elsewhere_says_where) {
    Visit visit;
    visit.answer = probe::Answer{};
    visit.answer->status = 301;
    visit.answer->location = "https://www.shop.test/";
    EXPECT_THAT(
        judge_handshake(visit, place()),
        Says(Severity::error, "301 to https://www.shop.test/", "REVERB_SCHEME")
    );
}

TEST_F(Handshake, that_the_server_refuses_has_the_fix_of_its_code) {
    for (const auto& [code, fix] : std::initializer_list<std::pair<int, const char*>>{
             {4000, "X-Forwarded-Proto"},
             {4001, "systemctl reload fanfare"},
             {4003, "enabled"},
             {4004, "max_connections"},
             {4009, "allowed_origins"},
             {4100, "LimitNOFILE"}}) {
        EXPECT_THAT(refused(code), Says(Severity::error, std::to_string(code) + ": Words", fix));
    }
}

TEST_F(Handshake, of_an_app_for_tls_only_may_be_refused_where_the_proxy_ends_tls) {
    const std::string message =
        R"({"event":"pusher:error","data":"{\"code\":4000,\"message\":\"Words\"}"})";
    EXPECT_THAT(begun(message, true), Says(Severity::error, "4000", "https"));
    Place plain = place(true);
    plain.address.is_encrypted = false;
    Visit visit;
    visit.message = message;
    EXPECT_THAT(judge_handshake(visit, plain), Says(Severity::ok, "TLS", ""));
}

TEST_F(Handshake, with_another_protocol_is_with_another_server) {
    EXPECT_THAT(begun("0{\"sid\":\"x\"}"), Says(Severity::error, "0{", "--public"));
}

TEST_F(Handshake, that_fails_says_where) {
    EXPECT_THAT(
        failed(probe::Stage::resolve), Says(Severity::error, "its own words", "DNS record")
    );
    EXPECT_THAT(failed(probe::Stage::connect), Says(Severity::error, "its own words", "firewall"));
    EXPECT_THAT(failed(probe::Stage::tls), Says(Severity::error, "its own words", "REVERB_SCHEME"));
    EXPECT_THAT(failed(probe::Stage::answer), Says(Severity::error, "its own words", "ss -ltnp"));
}

}  // namespace

}  // namespace fanfare::doctor
