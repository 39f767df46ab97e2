// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two shards whose messages wait until the test lets them through, oldest first.
class TwoShards {
public:
    [[nodiscard]] channels::Hub& hub(unsigned shard) { return shard == 0 ? first_ : second_; }

    bool deliver_one() {
        if (waiting_.empty()) return false;
        auto [shard, task] = std::move(waiting_.front());
        waiting_.pop_front();
        task(hub(shard));
        return true;
    }

    /// A channel at home on the second shard.
    std::string far_channel() {
        std::string name = "x";
        while (first_.home_of({0, name}) != 1) name += "x";
        return name;
    }

private:
    struct Links final : channels::ShardLinks {
        explicit Links(TwoShards& the_owner) : owner(the_owner) {}

        void post(unsigned shard, HubTask task) override {
            owner.waiting_.emplace_back(shard, std::move(task));
        }

        TwoShards& owner;
    };

    std::deque<std::pair<unsigned, channels::ShardLinks::HubTask>> waiting_;
    Links links_{*this};
    fanfare::testing::ManualClock clock_;
    channels::Hub first_{{0, 2, links_, clock_}};
    channels::Hub second_{{1, 2, links_, clock_}};
};

class BusySession : public ::testing::Test {
protected:
    BusySession() {
        auto place = apps::ConnectionLease::acquire(world_.node(), {});
        auto quota = apps::ConnectionLease::acquire(world_.connections_of_app(), {});
        client_.session = std::make_unique<Session>(
            context_,
            *world_.apps().find_by_id("3"),
            world_.apps().find_by_id("3")->number_of(app_key),
            protocol::SocketId{1234, 1234},
            Leases{std::move(*place), std::move(*quota)},
            client_.link
        );
        client_.link.sink = client_.session.get();
        client_.link.sent.clear();
    }

    void deliver_all() {
        while (shards_.deliver_one()) {
        }
    }

    TwoShards shards_;
    SessionWorld world_;
    SessionContext context_{
        shards_.hub(0),
        world_.clock(),
        world_.context().log,
        world_.counters(),
        world_.context().ping,
        world_.context().pong,
        world_.context().deadlines};
    const std::string channel_ = shards_.far_channel();
    Client client_;
};

TEST_F(BusySession, is_busy_until_the_home_of_the_channel_has_answered) {
    EXPECT_THAT(client_.say(subscribe(channel_)), IsEmpty());
    EXPECT_TRUE(client_.session->is_busy());
    EXPECT_EQ(client_.link.resumes, 0U);
    shards_.deliver_one();
    EXPECT_TRUE(client_.session->is_busy());
    deliver_all();
    EXPECT_FALSE(client_.session->is_busy());
    EXPECT_EQ(client_.link.resumes, 1U);
    EXPECT_THAT(client_.link.sent, ElementsAre(succeeded(channel_)));
}

TEST_F(BusySession, r034_hears_nothing_of_the_channel_before_the_confirmation) {
    const EncodedFrame frame(protocol::frames::event("e", R"("1")", channel_));
    client_.say(subscribe(channel_));
    shards_.deliver_one();
    shards_.hub(1).publish({{{0, channel_}, frame, std::nullopt}}, nullptr);
    deliver_all();
    EXPECT_THAT(client_.link.sent, ElementsAre(succeeded(channel_), std::string(frame.text())));
}

TEST_F(BusySession, a_join_of_a_link_that_closed_meanwhile_is_undone) {
    client_.say(subscribe(channel_));
    shards_.deliver_one();
    EXPECT_EQ(shards_.hub(1).home().stats({0, channel_}).subscriptions, 1U);
    client_.session->on_closed();
    deliver_all();
    EXPECT_EQ(shards_.hub(1).home().stats({0, channel_}).subscriptions, 0U);
    EXPECT_THAT(client_.link.sent, IsEmpty());
    EXPECT_EQ(client_.link.resumes, 0U);
}

TEST_F(BusySession, a_join_of_a_session_that_is_gone_is_undone) {
    client_.say(subscribe(channel_));
    client_.session.reset();
    deliver_all();
    EXPECT_EQ(shards_.hub(1).home().stats({0, channel_}).subscriptions, 0U);
    EXPECT_EQ(world_.node().open, 0U);
}

}  // namespace
}  // namespace fanfare::sessions::testing
