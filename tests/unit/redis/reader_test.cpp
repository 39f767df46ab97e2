// SPDX-License-Identifier: MIT
#include "reader.hpp"

#include <gmock/gmock.h>

#include <string>

namespace fanfare::redis {
namespace {

using ::testing::HasSubstr;

/// A reply in which each kind occurs.
std::string_view kinds() {
    static const std::string text = std::string("*7\r\n+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\n") +
                                    '\0' + "b\r\n$-1\r\n*0\r\n*2\r\n$0\r\n\r\n*1\r\n:7\r\n";
    return text;
}

void expect_all_kinds(const Reply& reply) {
    ASSERT_EQ(reply.kind, Reply::Kind::array);
    ASSERT_EQ(reply.elements.size(), 7U);
    EXPECT_EQ(reply.elements[0].kind, Reply::Kind::status);
    EXPECT_EQ(reply.elements[0].text, "OK");
    EXPECT_TRUE(reply.elements[1].is_error());
    EXPECT_EQ(reply.elements[1].text, "ERR no");
    EXPECT_EQ(reply.elements[2].integer, -42);
    EXPECT_EQ(reply.elements[3].text, std::string_view("a\r\n\0b", 5));
    EXPECT_EQ(reply.elements[4].kind, Reply::Kind::nil);
    EXPECT_EQ(reply.elements[5].kind, Reply::Kind::array);
    ASSERT_EQ(reply.elements[6].elements.size(), 2U);
    EXPECT_EQ(reply.elements[6].elements[0].kind, Reply::Kind::string);
    EXPECT_EQ(reply.elements[6].elements[1].elements[0].integer, 7);
}

TEST(Reader, reads_all_kinds) {
    Reader reader;
    reader.feed(kinds());
    const auto reply = reader.next();
    ASSERT_TRUE(reply);
    expect_all_kinds(*reply);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.is_broken());
}

TEST(Reader, does_not_mind_where_the_pieces_end) {
    for (std::size_t cut = 1; cut < kinds().size(); ++cut) {
        Reader reader;
        reader.feed(kinds().substr(0, cut));
        EXPECT_FALSE(reader.next());
        reader.feed(kinds().substr(cut));
        const auto reply = reader.next();
        ASSERT_TRUE(reply) << cut;
        expect_all_kinds(*reply);
    }
}

TEST(Reader, reads_byte_by_byte) {
    Reader reader;
    for (const char& c : kinds().substr(0, kinds().size() - 1)) {
        reader.feed({&c, 1});
        ASSERT_FALSE(reader.next());
    }
    reader.feed("\n");
    const auto reply = reader.next();
    ASSERT_TRUE(reply);
    expect_all_kinds(*reply);
}

TEST(Reader, reads_many_replies_of_one_piece) {
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += ":" + std::to_string(i) + "\r\n";
    Reader reader;
    reader.feed(text);
    for (int i = 0; i < 5'000; ++i) {
        const auto reply = reader.next();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->integer, i);
    }
    EXPECT_FALSE(reader.next());
}

TEST(Reader, other_bytes_break_it) {
    Reader reader;
    reader.feed("HTTP/1.1 400 Bad Request\r\n");
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_broken());
    EXPECT_THAT(std::string(reader.error()), HasSubstr("Protocol error"));
}

TEST(Reader, does_not_believe_in_a_size_before_it_comes) {
    Reader reader;
    reader.feed("*1000000000\r\n:1\r\n");
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.is_broken());
}

TEST(Reader, ends_in_the_middle_of_a_reply) {
    Reader reader;
    reader.feed("*2\r\n*2\r\n$3\r\nabc\r\n");
    EXPECT_FALSE(reader.next());
}

}  // namespace
}  // namespace fanfare::redis
