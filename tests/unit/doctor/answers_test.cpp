// SPDX-License-Identifier: MIT
#include "laravel_app.hpp"
#include "reachability.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

Visit visit_of(unsigned status, const std::string& type, const std::string& body) {
    Visit visit;
    visit.answer = probe::Answer{};
    visit.answer->status = status;
    visit.answer->content_type = type;
    visit.answer->body = body;
    return visit;
}

class ApiAnswer : public testing::Test {
protected:
    [[nodiscard]] Place place(bool is_direct = false) const {
        return {"public address", *parse_address("https://ws.shop.test"), is_direct, settings_};
    }

    [[nodiscard]] Finding answered(
        unsigned status, const std::string& type, const std::string& body
    ) const {
        return judge_api(visit_of(status, type, body), place());
    }

    config::Settings settings_ = server_with_app();
};

TEST_F(ApiAnswer, is_a_list_of_channels) {
    EXPECT_THAT(
        answered(200, "application/json", R"({"channels":{}})"),
        Says(Severity::ok, "https://ws.shop.test/apps/…", "")
    );
    EXPECT_EQ(answered(200, "application/json", "{}").severity, Severity::error);
}

TEST_F(ApiAnswer, of_another_server_names_the_location_without_the_upgrade) {
    for (const unsigned status : {200U, 404U, 405U, 419U, 500U}) {
        const Finding finding = answered(status, "text/html", "<html>");
        EXPECT_THAT(finding, Says(Severity::error, std::to_string(status), "location /apps/ {"));
        EXPECT_EQ(finding.fix.find("Upgrade"), finding.fix.npos);
    }
}

TEST_F(ApiAnswer, that_refuses_the_signature_tells_a_clock_from_a_secret) {
    EXPECT_THAT(
        answered(401, "text/plain", "Authentication signature invalid. Timestamp is 700 s old (…)"),
        Says(Severity::error, "Timestamp is 700 s old", "timedatectl")
    );
    EXPECT_THAT(
        answered(401, "text/plain", "Authentication signature invalid. Signature mismatch."),
        Says(Severity::error, "Signature mismatch", "secret")
    );
}

TEST_F(ApiAnswer, that_knows_no_such_app_is_of_a_server_with_another_configuration) {
    EXPECT_THAT(
        answered(404, "text/plain", "No matching application for ID [shop]."),
        Says(Severity::error, "No matching application", "systemctl reload fanfare")
    );
}

TEST_F(ApiAnswer, on_the_servers_own_port_is_of_another_program) {
    const Visit page = visit_of(200, "text/html", "<html>");
    EXPECT_THAT(judge_api(page, place(true)), Says(Severity::error, "200", "ss -ltnp"));
}

class Presence : public ApiAnswer {
protected:
    static Visit refused() {
        Visit visit;
        visit.trouble = Trouble{probe::Stage::connect, "Connection refused"};
        return visit;
    }

    Visit up_ = visit_of(200, "application/json", R"({"health":"OK"})");
    Visit ready_ = visit_of(200, "application/json", R"({"ready":true,"reasons":[]})");
};

TEST_F(Presence, is_what_up_and_ready_say) {
    EXPECT_THAT(
        only(judge_presence(up_, ready_, place(true), false)), Says(Severity::ok, "runs at", "")
    );
    const Visit away = visit_of(
        200, "application/json", R"({"ready":true,"degraded":true,"reasons":["redis_away"]})"
    );
    EXPECT_THAT(
        only(judge_presence(up_, away, place(true), false)),
        Says(Severity::warning, "redis_away", "redis")
    );
}

TEST_F(Presence, is_missed_unless_the_server_is_elsewhere) {
    EXPECT_THAT(
        only(judge_presence(refused(), {}, place(true), false)),
        Says(Severity::error, "Connection refused", "systemctl start fanfare")
    );
    EXPECT_THAT(
        only(judge_presence(refused(), {}, place(true), true)),
        Says(Severity::notice, "Connection refused", "on that machine")
    );
}

TEST_F(Presence, is_not_that_of_another_program) {
    const Visit page = visit_of(200, "text/html", "<html>");
    EXPECT_FALSE(is_up(page));
    EXPECT_THAT(
        only(judge_presence(page, {}, place(true), true)),
        Says(Severity::error, "/up answers 200", "ss -ltnp")
    );
}

TEST(RoundTrip, that_fails_is_told_in_its_words) {
    EXPECT_EQ(judge_round_trip({"", std::chrono::milliseconds(3)}, "here").severity, Severity::ok);
    EXPECT_THAT(
        judge_round_trip({"the event does not arrive: timed out", {}}, "here"),
        Says(Severity::error, "does not arrive", "REVERB_SCALING_ENABLED")
    );
}

}  // namespace

}  // namespace fanfare::doctor
