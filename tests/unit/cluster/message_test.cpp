// SPDX-License-Identifier: MIT
#include "message_text.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace fanfare::cluster::testing {

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();
const std::string all_bytes = [] {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    return bytes;
}();

/// One or more of each kind, in the order of the kinds.
std::vector<Message> samples() {
    return {
        EventMessage{"origin", 1, std::nullopt, std::nullopt, R"({"event":"e"})"},
        EventMessage{"o", 2, std::nullopt, channels::CacheTime::zero(), "{}"},
        EventMessage{
            "",
            most,
            protocol::SocketId{1, 0xffffffff},
            channels::CacheTime(31'536'000),
            all_bytes},
        JoinMessage{{"node", 7}, 1U << 31, member_of("user")},
        JoinMessage{{"n.1", 0xffffffff}, most, {all_bytes, "7", "{}", ""}},
        LeaveMessage{{"node", 1}, 0, all_bytes},
        GoneMessage{{"node", 1}},
        SyncMessage{{"node", 1}, most},
        TerminateMessage{"origin", 5, "app", "user"},
        CountsMessage{"node", {}},
        CountsMessage{"node", {{"app", 1}, {"", 0xffffffff}}},
        EchoMessage{"node", 1'700'000'000'000'000},
        RollCallMessage{"node"},
        CountMessage{0xffffffff}};
}

TEST(Message, of_every_kind_comes_back_as_it_was) {
    std::size_t last_kind = 0;
    for (const Message& message : samples()) {
        last_kind = message.index();
        const std::string bytes = encode(message);
        const auto decoded = decode(bytes);
        ASSERT_TRUE(decoded.has_value()) << text_of(message);
        EXPECT_EQ(decoded->index(), message.index());
        EXPECT_EQ(text_of(*decoded), text_of(message));
        EXPECT_EQ(encode(*decoded), bytes);
    }
    EXPECT_EQ(last_kind + 1, std::variant_size_v<Message>) << "a kind without a sample";
}

TEST(Message, that_was_cut_anywhere_is_none) {
    for (const Message& message : samples()) {
        const std::string bytes = encode(message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode(bytes.substr(0, size))) << text_of(message) << " at " << size;
        }
    }
}

TEST(Message, with_something_after_it_is_none) {
    for (const Message& message : samples()) {
        EXPECT_FALSE(decode(encode(message) + '\0')) << text_of(message);
    }
}

TEST(Message, of_another_version_is_none) {
    for (const Message& message : samples()) {
        std::string bytes = encode(message);
        for (const char version : {'\0', '\2', '\xff'}) {
            bytes[0] = version;
            EXPECT_FALSE(decode(bytes)) << text_of(message);
        }
    }
}

TEST(Message, of_an_unknown_kind_is_none) {
    std::string bytes = encode(RollCallMessage{"node"});
    bytes[1] = static_cast<char>(std::variant_size_v<Message>);
    EXPECT_FALSE(decode(bytes));
    bytes[1] = '\xff';
    EXPECT_FALSE(decode(bytes));
}

TEST(Message, with_a_length_beyond_its_end_is_none) {
    std::string bytes = encode(GoneMessage{{"node", 1}});
    bytes.replace(2, 4, "\xff\xff\xff\xff");
    EXPECT_FALSE(decode(bytes));
}

TEST(Message, claims_billions_of_counts_in_vain) {
    std::string bytes = encode(CountsMessage{"node", {}});
    bytes.replace(bytes.size() - 4, 4, "\xff\xff\xff\xff");
    EXPECT_FALSE(decode(bytes));
}

// What is read is what would have been written: no two texts mean the same message.
TEST(Message, out_of_garbage_is_none_or_its_only_form) {
    std::mt19937 random(7);
    const auto all = samples();
    for (int i = 0; i < 200'000; ++i) {
        std::string bytes = encode(all[random() % all.size()]);
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        const auto message = decode(bytes);
        if (!message) continue;
        ASSERT_EQ(encode(*message), bytes) << text_of(*message);
    }
}

TEST(Member, comes_back_as_it_was) {
    const channels::Member member{all_bytes, "7", all_bytes + all_bytes, ""};
    const std::string bytes = encode_member(member);
    const auto decoded = decode_member(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->user_id, member.user_id);
    EXPECT_EQ(decoded->user_id_json, member.user_id_json);
    EXPECT_EQ(decoded->user_info_json, member.user_info_json);
    EXPECT_EQ(decoded->channel_data_json, member.channel_data_json);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_member(bytes.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_member(bytes + "x"));
}

TEST(NodeId, is_a_name_and_a_number) {
    const NodeId node{"a.b", 4'294'967'295};
    EXPECT_EQ(node.text(), "a.b.4294967295");
    EXPECT_EQ(NodeId::parse(node.text()), node);
    for (const std::string_view text :
         {"", "a", ".1", "a.", "a.x", "a.1x", "a.-1", "a.+1", "a. 1", "a.4294967296"}) {
        EXPECT_FALSE(NodeId::parse(text)) << text;
    }
}

}  // namespace

}  // namespace fanfare::cluster::testing
