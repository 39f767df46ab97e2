// SPDX-License-Identifier: MIT
#include "reverb_publish.hpp"

#include "reverb/reverb_app.hpp"

#include "fanfare/protocol/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <variant>

namespace fanfare::cluster {
namespace {

using channels::Publication;
using reverb::BusEvent;
using ::testing::ElementsAre;

namespace frames = protocol::frames;

constexpr protocol::SocketId socket{1, 2};

Publication trigger(
    const std::string& channel,
    std::string_view event = "e",
    std::string_view data = R"("d")",
    std::optional<protocol::SocketId> except = {}
) {
    return {{0, channel}, EncodedFrame(frames::event(event, data, channel)), except};
}

Publication whisper(const std::string& channel, std::string_view data, std::string_view user_id) {
    return {
        {0, channel},
        EncodedFrame(frames::client_event("client-e", channel, data, user_id)),
        socket};
}

std::vector<ReverbMessage> said(std::vector<Publication> publications) {
    auto messages = to_reverb(reverb::lab_app(), std::move(publications));
    EXPECT_TRUE(messages);
    return messages ? *std::move(messages) : std::vector<ReverbMessage>{};
}

BusEvent heard(const ReverbMessage& message) {
    return std::get<BusEvent>(reverb::decode(message.bytes));
}

bool has_list(const ReverbMessage& message) {
    return message.bytes.find(R"("channels":[)") != std::string::npos;
}

TEST(ReverbPublish, r134_a_trigger_names_all_its_channels) {
    const auto messages = said({trigger("a"), trigger("b"), trigger("c")});
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages.front().publications.size(), 3U);
    const BusEvent event = heard(messages.front());
    EXPECT_EQ(event.app_id, "lab-app");
    EXPECT_THAT(event.channels, ElementsAre("a", "b", "c"));
    EXPECT_EQ(event.data, R"("d")");
    EXPECT_FALSE(event.socket_id);
    EXPECT_TRUE(has_list(said({trigger("a")}).front())) << "also if it is only one";
}

TEST(ReverbPublish, r134_a_batch_is_a_message_for_each_item) {
    const auto messages = said(
        {trigger("a"),
         trigger("b", "f"),
         trigger("c", "f", R"("other")"),
         trigger("c", "f", R"("other")", socket),
         trigger("x", "g"),
         trigger("y", "g")}
    );
    ASSERT_EQ(messages.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(has_list(messages[i])) << i;
    EXPECT_EQ(heard(messages[2]).data, R"("other")");
    EXPECT_EQ(heard(messages[3]).socket_id, "1.2");
    EXPECT_THAT(heard(messages[4]).channels, ElementsAre("x", "y"));
}

TEST(ReverbPublish, r134_a_client_event_keeps_its_bytes) {
    const auto messages = said({whisper("presence-a", R"({"n":1.0,"t":"\u00e9"})", "7")});
    ASSERT_EQ(messages.size(), 1U);
    const BusEvent event = heard(messages.front());
    EXPECT_EQ(event.data, R"({"n":1.0,"t":"\u00e9"})");
    EXPECT_EQ(event.user_id, "7");
    EXPECT_EQ(event.socket_id, "1.2");
    EXPECT_EQ(
        frame_of(event, "presence-a").text(),
        R"({"event":"client-e","channel":"presence-a","data":{"n":1.0,"t":"\u00e9"},"user_id":7})"
    );
}

TEST(ReverbPublish, r134_two_client_events_are_two_messages) {
    EXPECT_EQ(said({whisper("a", R"("d")", ""), whisper("b", R"("d")", "")}).size(), 2U);
}

TEST(ReverbPublish, r134_the_frame_of_a_trigger) {
    const BusEvent event{"lab-app", "e", {"a"}, R"("d")", "", std::nullopt};
    EXPECT_EQ(frame_of(event, "a").text(), R"({"event":"e","data":"d","channel":"a"})");
    const BusEvent bare{"lab-app", "e", {"a"}, "", "", std::nullopt};
    EXPECT_EQ(frame_of(bare, "a").text(), R"({"event":"e","data":null,"channel":"a"})");
}

}  // namespace
}  // namespace fanfare::cluster
