// SPDX-License-Identifier: MIT
#include "fanfare/base/log_line.hpp"

#include "fanfare/base/log_text.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace fanfare {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(LogLine, is_what_happened_and_fields) {
    const LogLine line = LogLine::parse(R"(connection closed app=7 reason="no pong" code=4201)");
    EXPECT_EQ(line.message, "connection closed");
    EXPECT_THAT(
        line.fields, ElementsAre(Pair("app", "7"), Pair("reason", "no pong"), Pair("code", "4201"))
    );
}

TEST(LogLine, may_have_no_fields) {
    EXPECT_EQ(LogLine::parse("stopped").message, "stopped");
    EXPECT_EQ(LogLine::parse("").message, "");
    EXPECT_THAT(LogLine::parse("server.port: x is no number").fields, IsEmpty());
}

TEST(LogLine, a_sentence_keeps_what_looks_like_a_field) {
    const LogLine line = LogLine::parse("set scaling=true or leave it host=::1");
    EXPECT_EQ(line.message, "set scaling=true or leave it");
    EXPECT_THAT(line.fields, ElementsAre(Pair("host", "::1")));
}

TEST(LogLine, needs_something_that_happened) {
    EXPECT_EQ(LogLine::parse("app=7").message, "app=7");
    EXPECT_EQ(LogLine::parse(" app=7").message, " app=7");
}

TEST(LogLine, values_may_be_empty_or_have_equal_signs) {
    const LogLine line = LogLine::parse(R"(refused key= to_sign="a=b c=d")");
    EXPECT_EQ(line.message, "refused");
    EXPECT_THAT(line.fields, ElementsAre(Pair("key", ""), Pair("to_sign", "a=b c=d")));
}

TEST(LogLine, quotes_that_do_not_fit_are_part_of_the_message) {
    for (const char* text : {R"(what happened reason=")", R"(what "happened")", R"(what ")"}) {
        EXPECT_EQ(LogLine::parse(text).message, text);
    }
}

TEST(LogLine, what_comes_from_outside_is_one_value) {
    const std::string sent = "x\" level=\"fine\n{\"a\":1}";
    const std::string text = "refused channel=" + log_text(sent) + " code=1";
    const LogLine line = LogLine::parse(text);
    EXPECT_EQ(line.message, "refused");
    ASSERT_EQ(line.fields.size(), 2U);
    EXPECT_EQ(line.fields[0].second, log_text(sent));
}

TEST(LogLine, is_shown_to_people_as_reverb_does) {
    EXPECT_EQ(
        log_line_for_people("connection established app=7 socket_id=12.34 why=\"a b\""),
        "Connection Established ................. 12.34  app=7 why=\"a b\""
    );
    EXPECT_EQ(
        log_line_for_people("broadcasting to app=7 channel=news"),
        "Broadcasting To ........................ news  app=7"
    );
    EXPECT_EQ(log_line_for_people("listening host=::1 port=8080"), "listening host=::1 port=8080");
}

TEST(LogLine, is_an_object_for_programs) {
    EXPECT_EQ(
        log_line_as_json("connection closed app=7 socket_id=12.34", "info", 1'732'808'197'023ms),
        R"({"time":"2024-11-28T15:36:37.023Z","level":"info","message":"connection closed",)"
        R"("app":"7","socket_id":"12.34"})"
    );
}

TEST(LogLine, a_field_does_not_take_the_place_of_another) {
    const auto object = nlohmann::json::parse(
        log_line_as_json("told level=debug message=m time=t level=x", "info", 0ms)
    );
    EXPECT_EQ(object["level"], "info");
    EXPECT_EQ(object["message"], "told");
    EXPECT_EQ(object["level_"], "debug");
    EXPECT_EQ(object["level__"], "x");
}

TEST(LogLine, is_valid_json_whatever_is_in_it) {
    const std::string json = log_line_as_json("bad \xff\n \x01 \"file\" name=\xfe", "info", 0ms);
    const auto object = nlohmann::json::parse(json);
    EXPECT_EQ(object["message"], "bad \ufffd\n \x01 \"file\"");
    EXPECT_EQ(object["name"], "\ufffd");
}

}  // namespace

}  // namespace fanfare
