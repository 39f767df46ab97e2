// SPDX-License-Identifier: MIT
#include "php_judge.hpp"

#include "reverb/answer.hpp"
#include "reverb/bus_message.hpp"
#include "reverb_app.hpp"
#include "support/random_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fanfare::cluster::reverb {
namespace {

using Json = nlohmann::json;

/// A message of Fanfare, and what PHP is to find in it.
struct Sent {
    std::string bytes;
    Json expected;
};

/// Random messages with all that could go wrong on the way.
class Sender {
public:
    explicit Sender(std::uint32_t seed) : random_(seed) {}

    Sent message() {
        switch (random_.below(5)) {
            case 0:
                return event();
            case 1:
                return channel_event();
            case 2:
                return terminate();
            case 3:
                return metric();
            default:
                return answer();
        }
    }

private:
    struct App {
        ApplicationText text;
        Json expected;
    };

    bool coin() { return random_.coin(); }

    std::string text() {
        std::string result = random_.text();
        if (random_.below(4) == 0) result += '\0';
        if (random_.below(4) == 0) result += "\";}";
        if (random_.below(50) == 0) result += std::string(100'000, 'x');
        return result;
    }

    std::vector<std::string> texts() {
        std::vector<std::string> result;
        for (std::size_t left = random_.below(4); left > 0; --left) result.push_back(text());
        return result;
    }

    std::optional<std::string> maybe_text() {
        return coin() ? std::optional(text()) : std::nullopt;
    }

    static Json or_null(const std::optional<std::string>& text) {
        return text ? Json(*text) : Json(nullptr);
    }

    App app() {
        config::AppSettings settings;
        settings.id = text();
        settings.key = text();
        settings.secret = text();
        settings.allowed_origins = texts();
        if (coin()) settings.max_connections = random_.below(1'000);
        settings.accept_client_events_from = config::ClientEventSenders::none;
        settings.rate_limiting.enabled = coin();
        const PublicAddress address{coin() ? text() : "", 8080, "http"};
        Json options = Json::array();
        if (!address.host.empty()) {
            options = {
                {"host", address.host}, {"port", 8080}, {"scheme", "http"}, {"useTLS", false}};
        }
        Json limit{
            {"enabled", settings.rate_limiting.enabled},
            {"max_attempts", 60},
            {"decay_seconds", 60},
            {"terminate_on_limit", false}};
        const auto& connections = settings.max_connections;
        Json expected{
            {"id", settings.id},
            {"key", settings.key},
            {"secret", settings.secret},
            {"pingInterval", 60},
            {"activityTimeout", 30},
            {"allowedOrigins", settings.allowed_origins},
            {"maxMessageSize", 10'000},
            {"maxConnections", connections ? Json(*connections) : Json(nullptr)},
            {"acceptClientEventsFrom", "none"},
            {"rateLimiting", std::move(limit)},
            {"options", std::move(options)}};
        return {ApplicationText::of(settings, address).value(), std::move(expected)};
    }

    static Sent sent(
        const char* type,
        const std::optional<std::string>& bytes,
        Json application,
        Json payload,
        const std::optional<std::string>& socket_id
    ) {
        return {
            bytes.value(),
            {{"type", type},
             {"is_as_php_writes_it", true},
             {"application", std::move(application)},
             {"payload", std::move(payload)},
             {"socket_id", or_null(socket_id)}}};
    }

    Sent event() {
        const App sender = app();
        const auto name = text();
        const auto channels = texts();
        const auto data = text();
        const auto socket_id = maybe_text();
        return sent(
            "message",
            encode_event(sender.text, name, channels, data, socket_id),
            sender.expected,
            {{"event", name}, {"channels", channels}, {"data", data}},
            socket_id
        );
    }

    Sent channel_event() {
        const App sender = app();
        const auto name = text();
        const auto channel = text();
        const auto data = random_.value(6);
        const auto socket_id = maybe_text();
        Json payload{{"event", name}, {"channel", channel}, {"data", Json::parse(data)}};
        std::string user_id;
        if (coin()) {
            payload["user_id"] = text();
            user_id = payload["user_id"].dump();
        }
        return sent(
            "message",
            encode_channel_event(sender.text, name, channel, data, user_id, socket_id),
            sender.expected,
            std::move(payload),
            socket_id
        );
    }

    Sent terminate() {
        const App sender = app();
        const auto user_id = text();
        return sent(
            "terminate",
            encode_terminate(sender.text, user_id),
            sender.expected,
            {{"user_id", user_id}},
            std::nullopt
        );
    }

    /// The metric's name and its options.
    std::pair<const char*, Json> randomize(Metric& metric) {
        metric.type = std::vector{
            MetricType::channels,
            MetricType::channel,
            MetricType::channel_users,
            MetricType::connections}[random_.below(4)];
        metric.channel = text();
        metric.info = maybe_text();
        switch (metric.type) {
            case MetricType::channels:
                if (coin()) {
                    metric.listed = texts();
                    return {
                        "CHANNELS", {{"info", or_null(metric.info)}, {"channels", *metric.listed}}};
                }
                metric.filter = maybe_text();
                return {
                    "CHANNELS",
                    {{"filter", or_null(metric.filter)}, {"info", or_null(metric.info)}}};
            case MetricType::channel:
                return {
                    "CHANNEL", {{"channel", metric.channel}, {"info", metric.info.value_or("")}}};
            case MetricType::channel_users:
                return {"CHANNEL_USERS", {{"channel", metric.channel}}};
            default:
                return {"CONNECTIONS", Json::array()};
        }
    }

    Sent metric() {
        const App sender = app();
        Metric asked;
        auto [name, options] = randomize(asked);
        Json expected{
            {"subscribers", nullptr},
            {"data", Json::array()},
            {"key", "QeciusM2PA"},
            {"application", sender.expected},
            {"type", name},
            {"options", std::move(options)}};
        return {
            encode_metric("QeciusM2PA", sender.text, asked).value(),
            {{"type", "metrics"}, {"is_as_php_writes_it", true}, {"metric", std::move(expected)}}};
    }

    Sent answer() {
        const auto names = texts();
        std::vector<ChannelFacts> facts;
        for (const auto& name : names) facts.push_back({name, random_.below(3), 1, "{}"});
        const std::string payload = std::vector{
            channels_answer(facts, "occupied,user_count,subscription_count,cache"),
            channel_answer({"presence-c", 2, 1, ""}, "user_count"),
            users_answer(names),
            connections_answer(names)}[random_.below(4)];
        return {
            encode_answer("QeciusM2PA", payload).value(),
            {{"type", "QeciusM2PA"}, {"payload", Json::parse(payload)}}};
    }

    testing::RandomJson random_;
};

/// PHP reads answers as arrays: what is empty, or has no key but 0, comes out as a list. (Other
/// keys that count up from 0 do not occur here.)
Json as_php_array(Json value) {
    if (!value.is_structured()) return value;
    for (Json& item : value) item = as_php_array(std::move(item));
    if (!value.is_object()) return value;
    if (value.empty()) return Json::array();
    if (value.size() == 1 && value.contains("0")) return Json::array({value["0"]});
    return value;
}

TEST_F(PhpJudge, r134_php_reads_what_fanfare_writes) {
    std::vector<std::string> texts;
    std::vector<Json> expected;
    for (std::uint32_t seed = 0; seed < 600; ++seed) {
        Sent sent = Sender(seed).message();
        if (sent.expected["type"] == "QeciusM2PA") sent.expected = as_php_array(sent.expected);
        texts.push_back(std::move(sent.bytes));
        expected.push_back(std::move(sent.expected));
    }
    const auto told = lines(run("read", packed(texts)));
    ASSERT_EQ(told.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        ASSERT_EQ(Json::parse(told[i]), expected[i]) << "seed " << i << ": " << texts[i];
    }
}

// The judge would notice.
TEST_F(PhpJudge, php_refuses_wrong_types_and_malformed_messages) {
    const std::string good = *encode_terminate(lab_app(), "1");
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    const auto told = lines(
        run("read",
            packed(
                {good,
                 changed("i:60;", "N;"),
                 changed("s:7:\\\"lab-app\\\"", "i:7"),
                 changed("s:7:\\\"lab-app", "s:8:\\\"lab-app"),
                 changed("pingInterval", "pingIntervaL"),
                 good.substr(1),
                 R"({"type":"QeciusM2PA","payload":1})"}
            ))
    );
    ASSERT_EQ(told.size(), 7U);
    EXPECT_EQ(Json::parse(told[0])["application"]["id"], "lab-app");
    EXPECT_EQ(told[1], R"({"error":"TypeError"})");
    EXPECT_EQ(told[2], R"({"error":"TypeError"})");
    EXPECT_EQ(told[3], R"({"error":"ErrorException"})");
    EXPECT_FALSE(Json::parse(told[4])["application"].contains("pingInterval"));
    EXPECT_EQ(told[5], R"({"error":"JsonException"})");
    EXPECT_EQ(told[6], R"({"error":"TypeError"})");
}

/// What a message of PHP says, in the words of judge.php.
struct Described {
    Json operator()(const Unusable& unusable) const {
        return {{"unusable", std::string(unusable.reason)}};
    }

    Json operator()(const BusEvent& event) const {
        Json json{
            {"kind", "event"},
            {"app", event.app_id},
            {"event", event.event},
            {"channels", event.channels},
            {"data", event.data},
            {"user_id", event.user_id}};
        if (event.socket_id) json["socket_id"] = *event.socket_id;
        return json;
    }

    Json operator()(const BusTerminate& terminate) const {
        return {{"kind", "terminate"}, {"app", terminate.app_id}, {"user_id", terminate.user_id}};
    }

    Json operator()(const MetricAnswer& answer) const {
        return {{"kind", "answer"}, {"payload", answer.payload}};
    }

    Json operator()(const PendingMetric& pending) const {
        const Metric& metric = pending.metric;
        Json json{{"kind", "metric"}, {"app", pending.app_id}, {"options", Json::object()}};
        Json& options = json["options"];
        if (metric.filter) options["filter"] = *metric.filter;
        if (metric.info) options["info"] = *metric.info;
        if (metric.listed) options["channels"] = *metric.listed;
        switch (metric.type) {
            case MetricType::channels:
                json["type"] = "CHANNELS";
                break;
            case MetricType::channel:
                json["type"] = "CHANNEL";
                options["channel"] = metric.channel;
                break;
            case MetricType::channel_users:
                json["type"] = "CHANNEL_USERS";
                options["channel"] = metric.channel;
                break;
            case MetricType::connections:
                json["type"] = "CONNECTIONS";
                break;
        }
        return json;
    }
};

TEST_F(PhpJudge, r134_fanfare_reads_what_php_writes) {
    const auto texts = unpacked(run("write 20260101 600"));
    ASSERT_EQ(texts.size(), 1'200U);
    for (std::size_t i = 0; i < texts.size(); i += 2) {
        Json expected = Json::parse(texts[i + 1]);
        const Json described = std::visit(Described(), decode(texts[i]));
        if (expected["kind"] == "answer") {
            expected.erase("app");  // an answer names none
        } else if (expected["kind"] == "metric") {
            for (const auto* option : {"filter", "info"}) {
                if (expected["options"].value(option, Json()).is_null()) {
                    expected["options"].erase(option);
                }
            }
        }
        ASSERT_EQ(described, expected) << texts[i];
    }
}

}  // namespace
}  // namespace fanfare::cluster::reverb
