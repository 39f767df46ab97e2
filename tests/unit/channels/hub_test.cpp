// SPDX-License-Identifier: MIT
#include "fanfare/channels/hub.hpp"

#include "support/frame_text.hpp"
#include "support/hub_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace fanfare::channels {
namespace {

using fanfare::testing::text_of;
using testing::CausalNetwork;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Random;
using ::testing::StartsWith;

constexpr ChannelRef news{0, "news"};
constexpr ChannelRef room{0, "presence-room"};

constexpr auto succeeded = R"({"event":"pusher_internal:subscription_succeeded")";
constexpr auto added = R"({"event":"pusher_internal:member_added")";
constexpr auto removed = R"({"event":"pusher_internal:member_removed")";

/// Keeps all it gets, as text.
class Listener final : public Subscriber {
public:
    using Subscriber::Subscriber;

    std::vector<std::string> got;
    std::vector<JoinResult> results;
    int terminations = 0;

    std::vector<std::string> take() { return std::exchange(got, {}); }

    void deliver(const BufferPtr& message) override { got.emplace_back(text_of(message)); }

    void on_join_result(std::string_view, JoinResult result, const BufferPtr& confirmation)
        override {
        results.push_back(result);
        if (confirmation) deliver(confirmation);
    }

    void on_terminate() override { ++terminations; }

    void on_drain() override {}
};

Member member(const std::string& id) {
    return {id, '"' + id + '"', "{}", R"({"user_id":")" + id + R"(","user_info":{}})"};
}

Publication event(ChannelRef channel, const std::string& text) {
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

INSTANTIATE_TEST_SUITE_P(Shards, HubTest, ::testing::Values(1U, 3U));

TEST_P(HubTest, a_join_is_confirmed_and_delivers_from_then_on) {
    shards.publish({event(news, "early")});
    shards.join(a, news);
    shards.publish({event(news, "late")});
    EXPECT_THAT(a.got, ElementsAre(StartsWith(succeeded), "late"));
    EXPECT_THAT(a.results, ElementsAre(JoinResult::joined));
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r033_nothing_comes_after_leaving) {
    shards.join(a, news);
    shards.join(b, news);
    (void)a.take();
    shards.network.hub(0).leave(a, news);
    shards.publish({event(news, "x")});
    EXPECT_THAT(a.got, IsEmpty());
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r033_an_event_under_way_does_not_come_after_leaving) {
    shards.join(b, news);
    (void)b.take();
    shards.network.hub(0).publish({event(news, "x")}, nullptr);
    if (GetParam() == 1) (void)b.take();  // it came at once
    shards.of(b).leave(b, news);
    shards.settle();
    EXPECT_THAT(b.got, IsEmpty());
}

TEST_P(HubTest, leaving_a_channel_one_is_not_in_has_no_effect) {
    shards.join(b, news);
    shards.network.hub(0).leave(a, news);
    shards.network.hub(0).leave(a, {0, "never-heard-of"});
    shards.settle();
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r035_joining_again_confirms_again_and_counts_once) {
    shards.join(a, news);
    shards.join(a, news);
    EXPECT_THAT(a.take(), ElementsAre(StartsWith(succeeded), StartsWith(succeeded)));
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
    shards.publish({event(news, "x")});
    EXPECT_THAT(a.got, ElementsAre("x"));
    shards.network.hub(0).leave(a, news);
    shards.settle();
    EXPECT_FALSE(shards.stats(news).is_occupied());
}

TEST_P(HubTest, r047_others_hear_of_a_new_member_and_the_member_does_not) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    EXPECT_THAT(a.got, ElementsAre(StartsWith(succeeded), StartsWith(added)));
    EXPECT_THAT(b.got, ElementsAre(HasSubstr(R"(\"ids\":[\"1\",\"2\"])")));
}

TEST_P(HubTest, r046_tabs_of_one_user_come_and_go_silently) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("1"));
    EXPECT_THAT(a.take(), ElementsAre(StartsWith(succeeded)));
    EXPECT_EQ(shards.stats(room).users, 1U);
    EXPECT_EQ(shards.stats(room).subscriptions, 2U);
    shards.of(b).leave(b, room);
    shards.settle();
    EXPECT_THAT(a.got, IsEmpty());
    EXPECT_EQ(shards.stats(room).users, 1U);
}

TEST_P(HubTest, r049_the_last_connection_of_a_user_takes_it_away) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    (void)a.take();
    shards.of(b).leave(b, room);
    shards.settle();
    EXPECT_THAT(a.got, ElementsAre(HasSubstr(R"({\"user_id\":\"2\"})")));
}

TEST_P(HubTest, r052_joining_as_another_user_takes_the_old_one_away) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    (void)a.take();
    shards.join(b, room, member("3"));
    EXPECT_THAT(
        a.got,
        ElementsAre(
            AllOf(StartsWith(removed), HasSubstr(R"(\"2\")")),
            AllOf(StartsWith(added), HasSubstr(R"(\"3\")"))
        )
    );
    EXPECT_EQ(shards.stats(room).subscriptions, 2U);
    EXPECT_EQ(shards.of(b).find_subscription(b, room)->identity->user_id, "3");
}

TEST_P(HubTest, r052_who_becomes_another_user_hears_neither_of_the_old_nor_of_the_new) {
    shards.join(b, room, member("2"));
    (void)b.take();
    shards.join(b, room, member("3"));
    EXPECT_THAT(b.got, ElementsAre(HasSubstr(R"(\"ids\":[\"3\"])")));
    EXPECT_EQ(shards.stats(room).subscriptions, 1U);
}

TEST_P(HubTest, r053_who_may_not_become_another_user_stays_who_it_was) {
    Listener tab(0, {5, 5});  // keeps the user when b would leave
    shards.network.hub(0).attach(tab);
    shards.join(a, room, member("1"), 2);
    shards.join(b, room, member("2"), 2);
    shards.network.hub(0).join(tab, room, member("2"), 2);
    shards.settle();
    (void)a.take();
    (void)b.take();
    shards.join(b, room, member("3"), 2);
    EXPECT_EQ(b.results.back(), JoinResult::channel_full);
    EXPECT_THAT(a.got, IsEmpty());
    EXPECT_EQ(shards.stats(room).subscriptions, 3U);
    ASSERT_NE(shards.of(b).find_subscription(b, room), nullptr);
    EXPECT_EQ(shards.of(b).find_subscription(b, room)->identity->user_id, "2");
    shards.publish({event(room, "x")});
    EXPECT_THAT(b.got, ElementsAre("x"));
    shards.network.hub(0).detach(tab);
    shards.settle();
    EXPECT_THAT(shards.network.home_of(room).home().user_ids(room), ElementsAre("1", "2"));
}

TEST_P(HubTest, r053_in_a_full_channel_the_only_connection_of_a_user_can_become_another) {
    shards.join(a, room, member("1"), 2);
    shards.join(b, room, member("2"), 2);
    shards.join(b, room, member("3"), 2);
    EXPECT_EQ(b.results.back(), JoinResult::joined);
    EXPECT_THAT(shards.network.home_of(room).home().user_ids(room), ElementsAre("1", "3"));
}

TEST_P(HubTest, r049_who_goes_while_it_becomes_another_user_leaves_nobody_behind) {
    for (const std::size_t limit : {0U, 2U}) {  // it becomes the other, or is refused
        Listener tab(0, {5, 5});
        Listener goes(0, {6, 6});
        Hub& hub = shards.network.hub(0);
        hub.attach(tab);
        shards.join(b, room, member("1"), limit);
        for (Listener* one : {&tab, &goes}) {
            if (one == &goes) hub.attach(goes);
            hub.join(*one, room, member("2"), limit);
            shards.settle();
        }
        hub.join(goes, room, member("3"), limit);
        hub.detach(goes);
        shards.settle();
        EXPECT_THAT(shards.network.home_of(room).home().user_ids(room), ElementsAre("1", "2"))
            << limit;
        EXPECT_EQ(shards.stats(room).subscriptions, 2U);
        hub.detach(tab);
        shards.settle();
        EXPECT_EQ(shards.stats(room).users, 1U);
        shards.of(b).leave(b, room);
        shards.settle();
    }
}

TEST_P(HubTest, r053_a_full_channel_refuses_and_keeps_no_trace) {
    shards.join(a, room, member("1"), 1);
    (void)a.take();
    shards.join(b, room, member("2"), 1);
    EXPECT_THAT(b.results, ElementsAre(JoinResult::channel_full));
    EXPECT_THAT(b.got, IsEmpty());
    EXPECT_THAT(a.got, IsEmpty());
    EXPECT_EQ(shards.of(b).find_subscription(b, room), nullptr);
    EXPECT_EQ(shards.stats(room).subscriptions, 1U);
    shards.join(b, room, member("1"), 1);
    EXPECT_EQ(b.results.back(), JoinResult::joined);
}

TEST_P(HubTest, r086_the_excepted_connection_is_left_out_on_any_shard) {
    shards.join(a, news);
    shards.join(b, news);
    (void)a.take();
    (void)b.take();
    shards.publish({{ChannelKey(news), EncodedFrame("x"), b.socket_id()}});
    shards.publish({{ChannelKey(news), EncodedFrame("y"), protocol::SocketId{9, 9}}});
    EXPECT_THAT(a.got, ElementsAre("x", "y"));
    EXPECT_THAT(b.got, ElementsAre("y"));
}

TEST_P(HubTest, r064_the_same_name_in_two_apps_is_two_channels) {
    Listener other(1, {3, 3});
    shards.network.hub(0).attach(other);
    shards.join(a, news);
    shards.network.hub(0).join(other, {1, "news"}, std::nullopt, 0);
    shards.settle();
    (void)other.take();
    shards.publish({event(news, "x")});
    EXPECT_THAT(other.got, IsEmpty());
    shards.network.hub(0).detach(other);
    shards.settle();
}

TEST_P(HubTest, r084_a_list_reaches_a_subscriber_in_its_order) {
    std::vector<std::string> names;
    for (int i = 0; i < 12; ++i) names.push_back("c" + std::to_string(i));
    for (const std::string& name : names) shards.join(b, {0, name});
    for (int round = 0; round < 20; ++round) {
        std::ranges::shuffle(names, shards.random);
        std::vector<Publication> list;
        for (const std::string& name : names) list.push_back(event({0, name}, name));
        (void)b.take();
        shards.publish(std::move(list));
        ASSERT_EQ(b.got, names);
    }
}

TEST_P(HubTest, r087_publishing_answers_the_counts_of_each_channel_in_the_lists_order) {
    shards.join(a, news);
    shards.join(b, news);
    shards.join(a, room, member("1"));
    std::vector<ChannelStats> stats;
    shards.publish(
        {event(room, "r"), event({0, "empty"}, "e"), event(news, "n")},
        [&](std::vector<ChannelStats> answer) { stats = std::move(answer); }
    );
    ASSERT_EQ(stats.size(), 3U);
    EXPECT_EQ(stats[0].users, 1U);
    EXPECT_FALSE(stats[1].is_occupied());
    EXPECT_EQ(stats[2].subscriptions, 2U);
}

TEST_P(HubTest, publishing_nothing_is_done_at_once) {
    bool is_done = false;
    shards.publish({}, [&](const std::vector<ChannelStats>& stats) { is_done = stats.empty(); });
    EXPECT_TRUE(is_done);
}

TEST_P(HubTest, detaching_leaves_every_channel) {
    Listener goes(0, {5, 5});
    shards.network.hub(0).attach(goes);
    for (const auto* name : {"a", "b", "c", "d"}) {
        shards.network.hub(0).join(goes, {0, name}, std::nullopt, 0);
        shards.settle();
    }
    shards.network.hub(0).join(goes, room, member("9"), 0);
    shards.settle();
    shards.join(b, room, member("1"));
    (void)b.take();
    shards.network.hub(0).detach(goes);
    shards.settle();
    EXPECT_THAT(goes.subscriptions(), IsEmpty());
    for (const auto* name : {"a", "b", "c", "d"})
        EXPECT_FALSE(shards.stats({0, name}).is_occupied());
    EXPECT_THAT(b.got, ElementsAre(StartsWith(removed)));
}

TEST_P(HubTest, r036_a_join_under_way_is_undone_when_its_client_is_gone) {
    shards.join(b, room, member("1"));
    {
        Listener goes(0, {5, 5});
        shards.network.hub(0).attach(goes);
        shards.network.hub(0).join(goes, room, member("2"), 0);
        shards.network.hub(0).detach(goes);
    }
    Listener next(0, {6, 6});  // takes the free slot before the answer comes
    shards.network.hub(0).attach(next);
    shards.settle();
    EXPECT_THAT(next.results, IsEmpty());
    EXPECT_EQ(shards.stats(room).users, 1U);
    EXPECT_THAT(b.got, ElementsAre(StartsWith(succeeded), StartsWith(added), StartsWith(removed)));
    shards.network.hub(0).detach(next);
}

TEST_P(HubTest, r073_terminating_a_user_reaches_its_connections_on_all_shards_and_no_others) {
    Listener other_app(1, {7, 7});
    Listener other_user(0, {8, 8});
    shards.network.hub(0).attach(other_app);
    shards.network.hub(0).attach(other_user);
    shards.join(a, room, member("1"));
    shards.join(b, {0, "presence-other"}, member("1"));
    shards.network.hub(0).join(other_app, {1, "presence-room"}, member("1"), 0);
    shards.network.hub(0).join(other_user, room, member("11"), 0);
    shards.settle();
    shards.network.hub(0).terminate(0, "1");
    shards.network.hub(0).terminate(0, "nobody");
    shards.settle();
    EXPECT_EQ(a.terminations, 1);
    EXPECT_EQ(b.terminations, 1);
    EXPECT_EQ(other_app.terminations, 0);
    EXPECT_EQ(other_user.terminations, 0);
    shards.network.hub(0).detach(other_app);
    shards.network.hub(0).detach(other_user);
}

TEST_P(HubTest, asks_a_shard_and_brings_the_answer_home) {
    shards.join(b, news);
    std::size_t answer = 0;
    shards.network.hub(0).ask<std::size_t>(
        shards.last,
        [](Hub& hub) { return hub.subscribers().size(); },
        [&](std::size_t size) { answer = size; }
    );
    shards.settle();
    EXPECT_GE(answer, 1U);
}

TEST_P(HubTest, r093_asks_all_shards_and_orders_the_answers_by_shard) {
    std::vector<const Hub*> answers;
    shards.network.hub(0).ask_all<const Hub*>(
        [](Hub& hub) { return &hub; },
        [&](std::vector<const Hub*> hubs) { answers = std::move(hubs); }
    );
    shards.settle();
    ASSERT_EQ(answers.size(), GetParam());
    for (unsigned shard = 0; shard < GetParam(); ++shard) {
        EXPECT_EQ(answers[shard], &shards.network.hub(shard));
    }
}

TEST(HubOnOneShard, every_hop_is_a_plain_call) {
    CausalNetwork network(1);
    Hub& hub = network.hub(0);
    Listener listener(0, {1, 1});
    hub.attach(listener);
    hub.join(listener, news, std::nullopt, 0);
    bool is_done = false;
    hub.publish({event(news, "x")}, [&](const std::vector<ChannelStats>&) { is_done = true; });
    EXPECT_THAT(listener.got, ElementsAre(StartsWith(succeeded), "x"));
    EXPECT_TRUE(is_done);
    hub.detach(listener);
    EXPECT_FALSE(hub.home().stats(news).is_occupied());
    Random random(1);
    EXPECT_FALSE(network.deliver_some(random)) << "nothing was posted";
}

TEST(HomeOfAChannel, is_the_same_for_every_shard_and_spread_over_all) {
    std::vector<int> hits(4);
    for (int i = 0; i < 400; ++i) {
        const std::string name = "channel-" + std::to_string(i);
        ++hits[home_of({0, name}, 4)];
        EXPECT_EQ(home_of({0, name}, 1), 0U);
    }
    for (const int count : hits) EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace fanfare::channels
