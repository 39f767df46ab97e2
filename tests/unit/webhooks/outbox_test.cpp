// SPDX-License-Identifier: MIT
#include "outbox_fixture.hpp"

#include <gmock/gmock.h>

namespace fanfare::webhooks {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutboxBatches : public OutboxTest {
protected:
    OutboxBatches() {
        app_ = app_with({"http://a"});
        app_.webhook_delivery.batch_size = 3;
        configure({app_});
    }

    config::AppSettings app_;
};

TEST_F(OutboxBatches, r104_events_wait_for_others_until_the_window_is_over) {
    const auto start = clock_.now();
    EXPECT_EQ(emit("a"), start + 500ms);
    clock_.advance(300ms);
    EXPECT_EQ(emit("b"), start + 500ms);
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(outbox_.next_due(), start + 500ms);
    clock_.advance(200ms);
    EXPECT_EQ(take_one().body, R"({"time_ms":1,"events":["a","b"]})");
}

TEST_F(OutboxBatches, r104_a_full_batch_leaves_at_once_and_the_next_waits_for_its_answer) {
    for (const char* const channel : {"a", "b", "c", "d", "e", "f", "g"}) emit(channel);
    const Attempt first = take_one();
    EXPECT_EQ(first.body, R"({"time_ms":1,"events":["a","b","c"]})");
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(outbox_.next_due(), Lane::never);
    EXPECT_FALSE(finish(first, ok));
    const Attempt second = take_one();
    EXPECT_EQ(second.body, R"({"time_ms":4,"events":["d","e","f"]})");
    finish(second, ok);
    EXPECT_THAT(take(), IsEmpty());
    clock_.advance(500ms);
    EXPECT_EQ(take_one().body, R"({"time_ms":7,"events":["g"]})");
}

TEST_F(OutboxBatches, r104_each_webhook_gets_only_what_it_takes) {
    app_.webhooks.emplace_back().url = "http://b";
    app_.webhooks[0].events = {"cache_miss"};
    app_.webhooks[1].channel_prefix = "private-";
    configure({app_});
    emit("cache-x", "cache_miss");
    emit("private-y", "channel_occupied");
    emit("private-cache-z", "cache_miss");
    emit("nobody");
    EXPECT_EQ(outbox_.counters().queued, 4U);
    clock_.advance(500ms);
    const auto attempts = take();
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].endpoint->webhook.url, "http://a");
    EXPECT_EQ(attempts[0].body, R"({"time_ms":1,"events":["cache-x","private-cache-z"]})");
    EXPECT_EQ(attempts[1].body, R"({"time_ms":2,"events":["private-y","private-cache-z"]})");
}

TEST_F(OutboxBatches, an_app_without_webhooks_queues_nothing) {
    EXPECT_EQ(emit("a", "channel_occupied", "other"), Lane::never);
    EXPECT_TRUE(outbox_.is_empty());
}

TEST_F(OutboxBatches, r103_a_failed_batch_is_tried_again_unchanged_before_what_came_later) {
    emit("a");
    clock_.advance(500ms);
    const Attempt first = take_one();
    emit("b");
    const auto failure = finish(first, unavailable);
    ASSERT_TRUE(failure);
    EXPECT_FALSE(failure->is_given_up);
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(outbox_.next_due(), clock_.now() + 1s);
    clock_.advance(1s);
    const Attempt again = take_one();
    EXPECT_EQ(again.body, first.body);
    EXPECT_FALSE(finish(again, ok));
    EXPECT_EQ(take_one().body, R"({"time_ms":2,"events":["b"]})");
    const Counters counters = outbox_.counters();
    EXPECT_EQ(counters.failed_attempts, 1U);
    EXPECT_EQ(counters.delivered, 1U);
    EXPECT_EQ(counters.queued, 1U);
}

TEST_F(OutboxBatches, r103_after_five_minutes_a_batch_is_given_up_and_the_next_has_its_turn) {
    emit("a");
    emit("b");
    clock_.advance(500ms);
    const auto start = clock_.now();
    std::optional<Failure> failure;
    do {
        while (outbox_.next_due() > clock_.now()) clock_.advance(500ms);
        failure = finish(take_one(), unavailable);
        ASSERT_TRUE(failure);
    } while (!failure->is_given_up);
    EXPECT_EQ(clock_.now() - start, 243s);
    EXPECT_EQ(failure->events, 2U);
    EXPECT_EQ(failure->first_channel, "a");
    EXPECT_EQ(outbox_.counters().failed_attempts, 10U);
    EXPECT_EQ(outbox_.counters().dead_letters, 2U);
    EXPECT_TRUE(outbox_.is_empty());
    emit("c");
    clock_.advance(500ms);
    EXPECT_FALSE(finish(take_one(), ok));
}

TEST_F(OutboxBatches, r103_410_ends_the_attempts) {
    emit("a");
    clock_.advance(500ms);
    const auto failure = finish(take_one(), gone);
    ASSERT_TRUE(failure);
    EXPECT_TRUE(failure->is_given_up);
    EXPECT_EQ(outbox_.counters().dead_letters, 1U);
    EXPECT_EQ(outbox_.counters().failed_attempts, 1U);
}

TEST_F(OutboxBatches, what_hurries_is_due_at_once_and_still_tried_again) {
    emit("a");
    outbox_.hurry();
    const Attempt first = take_one();
    finish(first, unavailable);
    EXPECT_EQ(outbox_.next_due(), clock_.now() + 1s);
    outbox_.hurry();
    EXPECT_EQ(take_one().body, first.body);
}

TEST_F(OutboxBatches, closing_counts_what_is_lost_and_takes_nothing_more) {
    emit("a");
    clock_.advance(500ms);
    take_one();
    emit("b");
    EXPECT_EQ(outbox_.close(), 2U);
    EXPECT_EQ(outbox_.counters().dropped, 2U);
    EXPECT_EQ(outbox_.counters().queued, 0U);
    emit("c");
    EXPECT_TRUE(outbox_.is_empty());
}

TEST_F(OutboxBatches, new_settings_reach_what_is_queued) {
    emit("a");
    app_.secret = "new";
    app_.webhook_delivery.batch_window = 100ms;
    configure({app_});
    EXPECT_EQ(outbox_.next_due(), clock_.now() + 100ms);
    clock_.advance(100ms);
    EXPECT_EQ(take_one().endpoint->secret, "new");
}

TEST_F(OutboxBatches, a_webhook_that_is_taken_away_gets_each_request_once) {
    for (const char* const channel : {"a", "b", "c", "d"}) emit(channel);
    const Attempt first = take_one();
    configure({app_with({"http://b"})});
    emit("e");
    EXPECT_TRUE(finish(first, unavailable)->is_given_up);
    const Attempt second = take_one();
    EXPECT_EQ(second.endpoint->webhook.url, "http://a");
    EXPECT_EQ(second.body, R"({"time_ms":4,"events":["d"]})");
    EXPECT_TRUE(finish(second, unavailable)->is_given_up);
    clock_.advance(500ms);
    EXPECT_EQ(take_one().endpoint->webhook.url, "http://b");
}

TEST_F(OutboxBatches, r103_a_hanging_webhook_does_not_hold_another_up) {
    configure({app_with({"http://a", "http://b"})});
    emit("1");
    clock_.advance(500ms);
    auto attempts = take();
    ASSERT_EQ(attempts.size(), 2U);
    finish(attempts[1], ok);
    emit("2");
    clock_.advance(500ms);
    EXPECT_EQ(take_one().endpoint->webhook.url, "http://b");
}

class OutboxBounds : public OutboxTest {
protected:
    static constexpr std::size_t bound = 10'000;

    OutboxBounds() : OutboxTest({.user_agent = "", .max_queued_bytes = bound, .max_requests = 2}) {}
};

TEST_F(OutboxBounds, overflow_costs_the_lane_that_holds_most) {
    configure({app_with({"http://a"}, "quiet"), app_with({"http://b"}, "busy")});
    emit("quiet", "client_event", "quiet");
    emit("first", "channel_occupied", "busy");
    for (int i = 0; i < 200; ++i) emit(std::to_string(i), "client_event", "busy");
    const Counters counters = outbox_.counters();
    EXPECT_GT(counters.dropped, 100U);
    EXPECT_EQ(counters.queued + counters.dropped, 202U);
    clock_.advance(500ms);
    const auto attempts = take();
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].body, R"({"time_ms":1,"events":["quiet"]})");
    EXPECT_TRUE(attempts[1].body.starts_with(R"({"time_ms":2,"events":["first",)"))
        << attempts[1].body;
    EXPECT_TRUE(attempts[1].body.ends_with(R"("198","199"]})")) << attempts[1].body;
}

TEST_F(OutboxBounds, an_event_larger_than_the_bound_is_dropped) {
    configure({app_with({"http://a"})});
    emit(std::string(bound, 'x'));
    EXPECT_EQ(outbox_.counters().dropped, 1U);
    EXPECT_TRUE(outbox_.is_empty());
}

TEST_F(OutboxBounds, only_so_many_requests_are_under_way) {
    configure({app_with({"http://a", "http://b", "http://c"})});
    emit("x");
    clock_.advance(500ms);
    const auto attempts = take();
    EXPECT_THAT(attempts, SizeIs(2));
    EXPECT_EQ(outbox_.next_due(), Lane::never);
    finish(attempts[0], ok);
    EXPECT_EQ(take_one().endpoint->webhook.url, "http://c");
}

}  // namespace
}  // namespace fanfare::webhooks
