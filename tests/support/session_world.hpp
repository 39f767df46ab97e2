// SPDX-License-Identifier: MIT
#pragma once

#include "support/fake_link.hpp"
#include "support/manual_clock.hpp"

#include "fanfare/apps/app.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/protocol/frames.hpp"
#include "fanfare/sessions/session.hpp"

#include <spdlog/logger.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Sessions of one shard, without sockets. No test framework in here, since the fuzzer uses it too.
namespace fanfare::sessions::testing {

using fanfare::testing::FakeLink;
using fanfare::testing::ManualClock;

// The test vectors of protocol.md, appendix B.
inline constexpr std::string_view app_key = "278d425bdf160c739803";
inline constexpr std::string_view app_secret = "7ad3773142a6692b25b8";

/// There is only one shard.
class NoOtherShards final : public channels::ShardLinks {
public:
    void post(unsigned, HubTask) override { throw std::logic_error("there is one shard"); }
};

class Client {
public:
    /// The answers to `text`, or to nothing: what came since the last call.
    std::vector<std::string> say(std::string_view text) {
        session->on_message(text);
        return link.take_sent();
    }

    FakeLink link;
    std::unique_ptr<transport::MessageSink> session;
};

class SessionWorld {
public:
    SessionWorld() {
        config::AppSettings app;
        app.id = "3";
        app.key = app_key;
        app.secret = app_secret;
        add(app);
        app.id = "4";
        app.key = "other-key";
        add(app);
    }

    /// Of the first app; may be changed at any time.
    [[nodiscard]] config::AppSettings& settings() { return *settings_[0]; }

    [[nodiscard]] ManualClock& clock() { return clock_; }

    [[nodiscard]] channels::Hub& hub() { return hub_; }

    [[nodiscard]] apps::AppList& apps() { return apps_; }

    [[nodiscard]] const SessionContext& context() const { return context_; }

    [[nodiscard]] apps::ConnectionCount& node() { return node_; }

    [[nodiscard]] apps::ConnectionCount& connections_of_app() {
        return table_[0].usage.connections;
    }

    [[nodiscard]] AddressCounts& addresses() { return addresses_; }

    [[nodiscard]] Counters& counters() { return counters_; }

    [[nodiscard]] spdlog::logger& log() { return log_; }

    /// A session called `1234.{number}`; its greeting has been read.
    std::unique_ptr<Client> connect(std::uint32_t number = 1234, std::size_t app = 0) {
        auto client = std::make_unique<Client>();
        apps::App& its_app = *apps_.find_by_key(settings_[app]->key);
        auto place = apps::ConnectionLease::acquire(node_, {});
        auto quota = apps::ConnectionLease::acquire(its_app.connections(), {});
        client->session = std::make_unique<Session>(
            context_,
            its_app,
            its_app.number_of(settings_[app]->key),
            protocol::SocketId{1234, number},
            Leases{std::move(*place), std::move(*quota)},
            client->link
        );
        client->link.sink = client->session.get();
        client->link.sent.clear();
        return client;
    }

    void publish(std::string_view channel, std::string_view event, std::string_view data_json) {
        const EncodedFrame frame(protocol::frames::event(event, data_json, channel));
        hub_.publish({{{0, std::string(channel)}, frame, std::nullopt}}, nullptr);
    }

private:
    ManualClock clock_;
    NoOtherShards no_links_;

    void add(const config::AppSettings& app) {
        settings_.push_back(std::make_shared<config::AppSettings>(app));
        const std::size_t index = table_.add([&](apps::KnownApp& known) { known.id = app.id; });
        apps_.set(static_cast<AppIndex>(index), settings_.back());
    }

    Counters counters_;
    channels::Hub hub_{
        {.shard = 0, .shards = 1, .links = no_links_, .clock = clock_, .counters = &counters_}};
    spdlog::logger log_{"test"};
    std::vector<std::shared_ptr<config::AppSettings>> settings_;
    apps::AppTable table_;
    apps::AppList apps_{table_};
    apps::ConnectionCount node_;
    Deadlines deadlines_;
    AddressCounts addresses_;
    SessionContext context_{
        hub_,
        clock_,
        log_,
        counters_,
        make_buffer(EncodedFrame(protocol::frames::ping())),
        make_buffer(EncodedFrame(protocol::frames::pong())),
        deadlines_};
};

/// `auth` for a subscription of `1234.{number}`.
inline std::string auth_of(
    std::string_view channel, std::string_view channel_data = "", std::uint32_t number = 1234
) {
    std::string text = "1234." + std::to_string(number) + ":" + std::string(channel);
    if (!channel_data.empty()) text.append(":").append(channel_data);
    const Sha256Hex mac = HmacSha256(app_secret).hex(text);
    return std::string(app_key) + ":" + std::string(mac.data(), mac.size());
}

/// `text` as a JSON string; for ASCII without control characters.
inline std::string json_string(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') json.push_back('\\');
        json.push_back(c);
    }
    return json + "\"";
}

inline std::string subscribe(std::string_view channel) {
    return R"({"event":"pusher:subscribe","data":{"channel":)" + json_string(channel) + "}}";
}

inline std::string subscribe(
    std::string_view channel, std::string_view auth, std::string_view channel_data = ""
) {
    std::string text = R"({"event":"pusher:subscribe","data":{"channel":)" + json_string(channel) +
                       R"(,"auth":)" + json_string(auth);
    if (!channel_data.empty()) text += R"(,"channel_data":)" + json_string(channel_data);
    return text + "}}";
}

/// Joins a presence channel with a right signature.
inline std::string subscribe_as(
    std::uint32_t number, std::string_view channel, std::string_view channel_data
) {
    return subscribe(channel, auth_of(channel, channel_data, number), channel_data);
}

inline std::string unsubscribe(std::string_view channel) {
    return R"({"event":"pusher:unsubscribe","data":{"channel":)" + json_string(channel) + "}}";
}

// What the server says, written down anew from protocol.md section 4.

inline std::string error_text(int code, std::string_view message) {
    return R"({"event":"pusher:error","data":)" +
           json_string(
               R"({"code":)" + std::to_string(code) + R"(,"message":)" + json_string(message) + "}"
           ) +
           "}";
}

inline std::string succeeded(std::string_view channel, std::string_view data = "{}") {
    return R"({"event":"pusher_internal:subscription_succeeded","data":)" + json_string(data) +
           R"(,"channel":)" + json_string(channel) + "}";
}

inline const std::string invalid_message = error_text(4200, "Invalid message format");
inline const std::string pong_text = R"({"event":"pusher:pong"})";
inline const std::string ping_text = R"({"event":"pusher:ping"})";

}  // namespace fanfare::sessions::testing
