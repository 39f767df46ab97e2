// SPDX-License-Identifier: MIT
#include "reverb_outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::cluster {
namespace {

/// An outbox that writes down what happens: `d` delivered, `a` accepted, each with its message.
struct Diary {
    explicit Diary(std::size_t max_bytes = 1000) : outbox(max_bytes) {}

    std::uint64_t add(const std::string& message) {
        return outbox.add(
            {message,
             [this, message] { text += "d" + message + " "; },
             [this, message] { text += "a" + message + " "; }}
        );
    }

    [[nodiscard]] std::vector<std::string> kept() const {
        std::vector<std::string> messages;
        outbox.for_each([&](std::uint64_t, std::string_view message) {
            messages.emplace_back(message);
        });
        return messages;
    }

    ReverbOutbox outbox;
    std::string text;
};

using Messages = std::vector<std::string>;

TEST(ReverbOutbox, r134_a_message_is_delivered_when_it_comes_back) {
    Diary diary;
    const auto number = diary.add("1");
    diary.outbox.on_taken(number);
    EXPECT_EQ(diary.text, "a1 ");
    EXPECT_TRUE(diary.outbox.on_return("1"));
    EXPECT_EQ(diary.text, "a1 d1 ");
    EXPECT_FALSE(diary.outbox.on_return("1")) << "the same of another node";
    EXPECT_EQ(diary.outbox.bytes(), 0U);
}

TEST(ReverbOutbox, r134_what_comes_back_has_been_taken) {
    Diary diary;
    const auto first = diary.add("1");
    const auto second = diary.add("2");
    EXPECT_TRUE(diary.outbox.on_return("1"));
    EXPECT_EQ(diary.text, "d1 a1 ");
    diary.outbox.on_taken(first);
    EXPECT_FALSE(diary.outbox.is_taken());
    diary.outbox.on_taken(second);
    EXPECT_EQ(diary.text, "d1 a1 a2 ");
    EXPECT_TRUE(diary.outbox.is_taken());
}

TEST(ReverbOutbox, r134_others_messages_are_not_ours) {
    Diary diary;
    diary.add("1");
    diary.add("2");
    EXPECT_FALSE(diary.outbox.on_return("2")) << "ours come back in order";
    EXPECT_FALSE(diary.outbox.on_return("x"));
    EXPECT_TRUE(diary.outbox.on_return("1"));
    EXPECT_TRUE(diary.outbox.on_return("2"));
}

TEST(ReverbOutbox, r134_what_redis_has_not_taken_is_kept_and_delivered_once) {
    Diary diary;
    const auto taken = diary.add("1");
    diary.add("2");
    diary.outbox.on_taken(taken);
    diary.outbox.on_away();
    EXPECT_EQ(diary.text, "a1 d1 d2 a2 ");
    EXPECT_EQ(diary.kept(), Messages{"2"});
    diary.outbox.on_away();
    EXPECT_TRUE(diary.outbox.on_return("2"));
    EXPECT_EQ(diary.text, "a1 d1 d2 a2 ");
}

TEST(ReverbOutbox, r134_is_bounded_but_takes_one_message_of_any_size) {
    Diary diary(10);
    EXPECT_TRUE(diary.outbox.has_room(11));
    diary.add("12345678901");
    EXPECT_FALSE(diary.outbox.has_room(1));
    diary.outbox.on_return("12345678901");
    EXPECT_TRUE(diary.outbox.has_room(10));
}

}  // namespace
}  // namespace fanfare::cluster
