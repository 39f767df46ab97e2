// SPDX-License-Identifier: MIT
#pragma once

#include "support/frame_text.hpp"
#include "support/hub_network.hpp"

#include "fanfare/channels/hub.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Two listeners on the first and the last of one or more shards.
namespace fanfare::channels::testing {

using fanfare::testing::text_of;

inline constexpr ChannelRef news{0, "news"};
inline constexpr ChannelRef room{0, "presence-room"};

inline constexpr auto succeeded = R"({"event":"pusher_internal:subscription_succeeded")";
inline constexpr auto added = R"({"event":"pusher_internal:member_added")";
inline constexpr auto removed = R"({"event":"pusher_internal:member_removed")";

/// Keeps all it gets, as text.
class Listener final : public Subscriber {
public:
    using Subscriber::Subscriber;

    std::vector<std::string> got;
    std::vector<JoinResult> results;
    int terminations = 0;

    std::vector<std::string> take() { return std::exchange(got, {}); }

    void deliver(const BufferPtr& message) override { got.emplace_back(text_of(message)); }

    void on_join_result(
        std::string_view, JoinResult result, const BufferPtr& confirmation, const BufferPtr& replay
    ) override {
        results.push_back(result);
        if (confirmation) deliver(confirmation);
        if (replay) deliver(replay);
    }

    void on_terminate(UserRole) override { ++terminations; }

    void on_app_change() override {}

    void on_drain() override {}
};

inline Member member(const std::string& id) {
    return {id, '"' + id + '"', "{}", R"({"user_id":")" + id + R"(","user_info":{}})"};
}

inline Publication event(ChannelRef channel, const std::string& text) {
    return {ChannelKey(channel), EncodedFrame(text), std::nullopt};
}

/// One or more shards and a listener `a` on the first, `b` on the last.
struct Shards {
    explicit Shards(unsigned count) : network(count), last(count - 1) {
        network.hub(0).attach(a);
        network.hub(last).attach(b);
    }

    ~Shards() {
        network.hub(0).detach(a);
        network.hub(last).detach(b);
    }

    Shards(const Shards&) = delete;
    Shards& operator=(const Shards&) = delete;

    Hub& of(const Listener& listener) { return network.hub(&listener == &a ? 0 : last); }

    void join(
        Listener& listener,
        ChannelRef channel,
        std::optional<Member> who = {},
        std::size_t limit = 0
    ) {
        of(listener).join(listener, channel, std::move(who), limit);
        settle();
    }

    void publish(std::vector<Publication> publications, Hub::Published done = nullptr) {
        network.hub(0).publish(std::move(publications), std::move(done));
        settle();
    }

    void settle() { network.drain(random); }

    ChannelStats stats(ChannelRef channel) {
        return network.home_of(channel).home().stats(channel);
    }

    Random random{1};
    CausalNetwork network;
    unsigned last;
    Listener a{0, {1, 1}};
    Listener b{0, {2, 2}};
};

/// Everything below holds on one shard and on three.
class HubTest : public ::testing::TestWithParam<unsigned> {
protected:
    Shards shards{GetParam()};
    Listener& a = shards.a;
    Listener& b = shards.b;
};

}  // namespace fanfare::channels::testing
