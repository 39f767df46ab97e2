// SPDX-License-Identifier: MIT
#include "reverb/bus_message.hpp"

#include "reverb_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace fanfare::cluster::reverb {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;

std::string enveloped(std::string_view type, std::string_view payload, std::string_view rest = "") {
    return std::string("{\"type\":\"")
        .append(type)
        .append(R"(","application":)")
        .append(lab_app().quoted())
        .append(",\"payload\":")
        .append(payload)
        .append(rest)
        .append("}");
}

template <typename Message>
Message decoded(const std::optional<std::string>& bytes) {
    auto message = decode(bytes.value());
    if (const auto* const unusable = std::get_if<Unusable>(&message)) {
        ADD_FAILURE() << unusable->reason << ": " << *bytes;
    }
    return std::get<Message>(std::move(message));
}

void expect_unusable(std::string_view bytes, std::string_view reason) {
    const auto message = decode(bytes);
    ASSERT_TRUE(std::holds_alternative<Unusable>(message)) << bytes;
    EXPECT_EQ(std::get<Unusable>(message).reason, reason) << bytes;
}

TEST(BusMessage, r134_writes_an_event_of_the_api) {
    EXPECT_EQ(
        encode_event(lab_app(), "e", {"pub"}, R"({"a":1})", "1.2"),
        enveloped(
            "message",
            R"({"event":"e","channels":["pub"],"data":"{\"a\":1}"})",
            R"(,"socket_id":"1.2")"
        )
    );
    EXPECT_EQ(
        encode_event(lab_app(), "e", {"a", "b"}, ""),
        enveloped("message", R"({"event":"e","channels":["a","b"],"data":""})")
    );
}

TEST(BusMessage, r134_writes_a_client_event) {
    EXPECT_EQ(
        encode_channel_event(lab_app(), "client-x", "presence-c", R"({"a":1})", R"("1")", "1.2"),
        enveloped(
            "message",
            R"({"event":"client-x","channel":"presence-c","data":{"a":1},"user_id":"1"})",
            R"(,"socket_id":"1.2")"
        )
    );
}

TEST(BusMessage, r134_writes_terminate_metrics_and_answers) {
    EXPECT_EQ(encode_terminate(lab_app(), "1"), enveloped("terminate", R"({"user_id":"1"})"));
    const auto metric = encode_metric("QeciusM2PA", lab_app(), {});
    EXPECT_TRUE(metric->starts_with(
        R"({"type":"metrics","payload":"O:45:\"Laravel\\Reverb\\Protocols\\Pusher\\PendingMetric\":6:{)"
    ));
    EXPECT_EQ(
        encode_answer("QeciusM2PA", R"({"pub":{"subscription_count":1},"nobody":[]})"),
        R"({"type":"QeciusM2PA","payload":{"pub":{"subscription_count":1},"nobody":[]}})"
    );
}

TEST(BusMessage, r134_reads_an_event_of_the_api) {
    const auto event = decoded<BusEvent>(encode_event(lab_app(), "e", {"a", "b"}, "\"\0\n"sv));
    EXPECT_EQ(event.app_id, "lab-app");
    EXPECT_EQ(event.event, "e");
    EXPECT_THAT(event.channels, ElementsAre("a", "b"));
    EXPECT_EQ(event.data, R"("\"\u0000\n")");
    EXPECT_EQ(event.user_id, "");
    EXPECT_EQ(event.socket_id, std::nullopt);
}

TEST(BusMessage, keeps_the_exact_bytes_of_data_and_user_id) {
    const std::string_view data =
        R"({ "b" : 1.00, "a" : [ "\u00e9\/" ], "b" : 12345678901234567890123 })";
    const auto event = decoded<BusEvent>(
        encode_channel_event(lab_app(), "client-x", "presence-c", data, "7", "1.2")
    );
    EXPECT_EQ(event.data, data);
    EXPECT_EQ(event.user_id, "7");
    EXPECT_EQ(event.socket_id, "1.2");
    EXPECT_THAT(event.channels, ElementsAre("presence-c"));
}

TEST(BusMessage, an_event_may_have_no_data) {
    EXPECT_EQ(decoded<BusEvent>(encode_channel_event(lab_app(), "client-x", "c", "")).data, "");
}

// PHP writes an array from which an element was taken as an object.
TEST(BusMessage, reads_channels_with_gaps) {
    const auto event = decoded<BusEvent>(
        enveloped("message", R"({"event":"e","channels":{"0":"a","2":"b"},"data":"d"})")
    );
    EXPECT_THAT(event.channels, ElementsAre("a", "b"));
}

TEST(BusMessage, a_socket_id_that_is_no_string_excludes_nobody) {
    const std::string payload = R"({"event":"e","channels":["a"],"data":"d"})";
    EXPECT_FALSE(decoded<BusEvent>(enveloped("message", payload, R"(,"socket_id":null)")).socket_id
    );
    EXPECT_FALSE(decoded<BusEvent>(enveloped("message", payload, R"(,"socket_id":1.2)")).socket_id);
}

TEST(BusMessage, what_a_client_nested_as_deep_as_it_may_passes) {
    const std::string data = std::string(63, '[') + std::string(63, ']');
    EXPECT_EQ(decoded<BusEvent>(encode_channel_event(lab_app(), "client-x", "c", data)).data, data);
    const std::string deep =
        std::string(max_bus_depth - 2, '[') + std::string(max_bus_depth - 2, ']');
    EXPECT_TRUE(encode_channel_event(lab_app(), "client-x", "c", deep));
    EXPECT_FALSE(encode_channel_event(lab_app(), "client-x", "c", '[' + deep + ']'));
}

TEST(BusMessage, r134_reads_terminate) {
    EXPECT_EQ(
        decoded<BusTerminate>(encode_terminate(lab_app(), "\xc3\xa9\"")).user_id, "\xc3\xa9\""
    );
    EXPECT_EQ(decoded<BusTerminate>(enveloped("terminate", R"({"user_id":7})")).user_id, "7");
}

TEST(BusMessage, r134_reads_answers) {
    const auto answer = decoded<MetricAnswer>(R"({"payload":{ "a":[] },"type":"QeciusM2PA"})");
    EXPECT_EQ(answer.key, "QeciusM2PA");
    EXPECT_EQ(answer.payload, R"({ "a":[] })");
    EXPECT_EQ(decoded<MetricAnswer>(encode_answer("k", "[]")).payload, "[]");
}

TEST(BusMessage, r135_malformed_input_is_told_and_nothing_else) {
    expect_unusable("", "not a JSON object");
    expect_unusable("[]", "not a JSON object");
    expect_unusable("{\"type\":\"message\"", "not a JSON object");
    expect_unusable("{\"type\":\"\xff\"}", "not a JSON object");
    expect_unusable("{}", "no type");
    expect_unusable(R"({"type":5})", "no type");
    expect_unusable(R"({"type":"some-thing","payload":{}})", "unknown type");
    expect_unusable(R"({"type":"message","payload":{}})", "no readable application");
    expect_unusable(
        R"({"type":"message","application":"O:","payload":{}})", "no readable application"
    );
    expect_unusable(
        R"({"type":"terminate","application":{},"payload":{}})", "no readable application"
    );
    expect_unusable(enveloped("message", "[]"), "payload is no object");
    expect_unusable(enveloped("message", "7"), "payload is no object");
    expect_unusable(enveloped("message", "{}"), "message without an event name");
    expect_unusable(enveloped("message", R"({"event":"e"})"), "message without channels");
    expect_unusable(
        enveloped("message", R"({"event":"e","channels":[1]})"), "message without channels"
    );
    expect_unusable(
        enveloped("message", R"({"event":"e","channels":"a"})"), "message without channels"
    );
    expect_unusable(enveloped("terminate", R"({"user_id":null})"), "terminate without a user id");
    expect_unusable(enveloped("terminate", "{}"), "terminate without a user id");
    expect_unusable(R"({"type":"metrics","payload":{}})", "no readable metric");
    expect_unusable(R"({"type":"metrics","payload":"N;"})", "no readable metric");
    expect_unusable(R"({"type":"QeciusM2PA"})", "payload is neither object nor array");
    expect_unusable(
        R"({"type":"QeciusM2PA","payload":"[]"})", "payload is neither object nor array"
    );
}

TEST(BusMessage, every_cut_of_a_message_is_unusable) {
    const std::string whole = *encode_metric("QeciusM2PA", lab_app(), {});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        ASSERT_TRUE(std::holds_alternative<Unusable>(decode(whole.substr(0, length)))) << length;
    }
}

// A Reverb process ends at malformed JSON.
TEST(BusMessage, what_would_be_no_json_is_not_written) {
    EXPECT_FALSE(encode_event(lab_app(), "\xff", {"a"}, "d"));
    EXPECT_FALSE(encode_event(lab_app(), "e", {"\xc3"}, "d"));
    EXPECT_FALSE(encode_event(lab_app(), "e", {"a"}, "\xed\xa0\x80"));
    EXPECT_FALSE(encode_event(lab_app(), "e", {"a"}, "d", "\x80"));
    EXPECT_FALSE(encode_channel_event(lab_app(), "e", "a", "{"));
    EXPECT_FALSE(encode_channel_event(lab_app(), "e", "a", "\"\xff\""));
    EXPECT_FALSE(encode_channel_event(lab_app(), "e", "a", "1", "x"));
    EXPECT_FALSE(encode_terminate(lab_app(), "\xff"));
    Metric metric;
    metric.type = MetricType::channel;
    metric.channel = "\xff";
    EXPECT_FALSE(encode_metric("QeciusM2PA", lab_app(), metric));
    EXPECT_FALSE(encode_answer("QeciusM2PA", "7"));
    EXPECT_FALSE(encode_answer("QeciusM2PA", "{"));
    EXPECT_FALSE(encode_answer("not-a-key", "[]"));
}

// As `message` without an application it would end the Reverb nodes.
TEST(BusMessage, an_answer_never_has_the_type_of_another_message) {
    for (const auto* type : {"message", "terminate", "metrics", ""}) {
        EXPECT_FALSE(encode_answer(type, "[]")) << type;
    }
}

}  // namespace
}  // namespace fanfare::cluster::reverb
