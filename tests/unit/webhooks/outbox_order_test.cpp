// SPDX-License-Identifier: MIT
#include "outbox_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

namespace fanfare::webhooks {
namespace {

using namespace std::chrono_literals;

class OutboxOrder : public OutboxTest {};

TEST_F(
    OutboxOrder, without_batching_each_event_is_a_request_and_channels_wait_only_for_themselves
) {
    auto app = app_with({"http://a"});
    app.webhook_delivery.batching = false;
    configure({app});
    for (int i = 0; i < 50; ++i) emit(std::to_string(i));
    const auto attempts = take();
    EXPECT_GT(attempts.size(), 1U);
    EXPECT_LE(attempts.size(), 8U);
    for (const Attempt& attempt : attempts) {
        EXPECT_EQ(std::count(attempt.body.begin(), attempt.body.end(), ','), 1) << attempt.body;
    }
    const std::size_t lane = attempts[0].lane.number;
    EXPECT_TRUE(finish(attempts[0], unavailable));
    for (const Attempt& next : take()) EXPECT_NE(next.lane.number, lane);
}

/// A receiver that is often down: what arrives of each channel has to be in order, and all of it.
class OutboxOrderOverSeeds : public OutboxTest, public ::testing::WithParamInterface<bool> {
protected:
    void deliver(const Attempt& attempt) {
        const auto failure = finish(attempt, random_() % 3 == 0 ? unavailable : ok);
        if (failure && !failure->is_given_up) return;  // a batch that is given up has had its turn
        for (std::size_t at = 0; (at = attempt.body.find('<', at)) != std::string::npos; ++at) {
            const auto colon = attempt.body.find(':', at);
            const std::string channel = attempt.body.substr(at + 1, colon - at - 1);
            const int number = std::stoi(attempt.body.substr(colon + 1));
            EXPECT_EQ(number, received_[channel]++) << channel;
        }
    }

    void emit_numbered() {
        const std::string channel = std::to_string(random_() % 12);
        const std::string json = "<" + channel + ":" + std::to_string(sent_[channel]++) + ">";
        outbox_.emit("app", {"channel_occupied", channel, json, 0}, clock_.now());
    }

    void step(std::vector<Attempt>& under_way) {
        for (Attempt& attempt : take()) under_way.push_back(std::move(attempt));
        while (!under_way.empty() && random_() % 4 != 0) {
            const auto index = random_() % under_way.size();
            std::swap(under_way[index], under_way.back());
            deliver(under_way.back());
            under_way.pop_back();
        }
        clock_.advance(std::chrono::milliseconds(random_() % 400));
    }

    std::mt19937 random_;
    std::map<std::string, int> sent_;
    std::map<std::string, int> received_;
};

TEST_P(OutboxOrderOverSeeds, r103_each_channel_arrives_in_order_and_complete) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        random_.seed(seed);
        auto app = app_with({"http://a"});
        app.webhook_delivery.batching = GetParam();
        app.webhook_delivery.batch_size = 1 + seed % 7;
        configure({app});
        std::vector<Attempt> under_way;
        for (int i = 0; i < 200; ++i) {
            emit_numbered();
            step(under_way);
        }
        while (!outbox_.is_empty()) step(under_way);
        EXPECT_EQ(received_, sent_) << "seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Batching, OutboxOrderOverSeeds, ::testing::Bool());

}  // namespace
}  // namespace fanfare::webhooks
