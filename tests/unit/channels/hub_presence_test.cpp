// SPDX-License-Identifier: MIT
#include "hub_shards.hpp"

#include <gmock/gmock.h>

namespace fanfare::channels::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class HubPresence : public HubTest {};

INSTANTIATE_TEST_SUITE_P(Shards, HubPresence, ::testing::Values(1U, 3U));

TEST_P(HubPresence, r047_others_hear_of_a_new_member_and_the_member_does_not) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    EXPECT_THAT(a.got, ElementsAre(StartsWith(succeeded), StartsWith(added)));
    EXPECT_THAT(b.got, ElementsAre(HasSubstr(R"(\"ids\":[\"1\",\"2\"])")));
}

TEST_P(HubPresence, r046_tabs_of_one_user_come_and_go_silently) {
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

TEST_P(HubPresence, r049_the_last_connection_of_a_user_takes_it_away) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    (void)a.take();
    shards.of(b).leave(b, room);
    shards.settle();
    EXPECT_THAT(a.got, ElementsAre(HasSubstr(R"({\"user_id\":\"2\"})")));
}

TEST_P(HubPresence, r052_joining_as_another_user_takes_the_old_one_away) {
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

TEST_P(HubPresence, r052_who_becomes_another_user_hears_neither_of_the_old_nor_of_the_new) {
    shards.join(b, room, member("2"));
    (void)b.take();
    shards.join(b, room, member("3"));
    EXPECT_THAT(b.got, ElementsAre(HasSubstr(R"(\"ids\":[\"3\"])")));
    EXPECT_EQ(shards.stats(room).subscriptions, 1U);
}

TEST_P(HubPresence, r053_who_may_not_become_another_user_stays_who_it_was) {
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

TEST_P(HubPresence, r053_in_a_full_channel_the_only_connection_of_a_user_can_become_another) {
    shards.join(a, room, member("1"), 2);
    shards.join(b, room, member("2"), 2);
    shards.join(b, room, member("3"), 2);
    EXPECT_EQ(b.results.back(), JoinResult::joined);
    EXPECT_THAT(shards.network.home_of(room).home().user_ids(room), ElementsAre("1", "3"));
}

TEST_P(HubPresence, r049_who_goes_while_it_becomes_another_user_leaves_nobody_behind) {
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

TEST_P(HubPresence, r053_a_full_channel_refuses_and_keeps_no_trace) {
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

TEST_P(HubPresence, r036_a_join_under_way_is_undone_when_its_client_is_gone) {
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

TEST_P(HubPresence, r073_terminating_a_user_reaches_its_connections_on_all_shards_and_no_others) {
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

TEST_P(HubPresence, r073_terminating_a_user_reaches_a_connection_once_and_not_for_whom_it_was) {
    for (const auto* name : {"presence-a", "presence-b", "presence-c"}) {
        shards.join(a, {0, name}, member("1"));
        shards.join(b, {0, name}, member("1"));
        shards.join(b, {0, name}, member("2"));
    }
    shards.network.hub(0).terminate(0, "1");
    shards.settle();
    EXPECT_EQ(a.terminations, 1);
    EXPECT_EQ(b.terminations, 0);
}

}  // namespace
}  // namespace fanfare::channels::testing
