// SPDX-License-Identifier: MIT
#pragma once

#include "support/websocket_feed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace fanfare::transport::testing {

/// Where to cut a stream in two: everywhere, or in a long one around both ends and now and then.
inline std::vector<std::size_t> places_to_cut(std::size_t size) {
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at <= size;) {
        places.push_back(at);
        const bool is_dense = size < 1200 || at < 40 || size - at < 20;
        at += is_dense ? 1 : std::min(size / 50 + 1, size - at - 19);
    }
    return places;
}

/// Expects these items from the stream: in one piece, byte by byte, cut in two anywhere, and, if it
/// is short, cut in every way there is. A decoder that takes over in between changes nothing.
inline void expect_items(
    const std::string& stream, const std::vector<Received>& items, std::size_t limit = unlimited
) {
    EXPECT_EQ(decode_whole(stream, limit), items);
    EXPECT_EQ(decode_bytewise(stream, limit), items) << "byte by byte";
    if (stream.size() < 1200) {
        EXPECT_EQ(decode_bytewise(stream, limit, true), items) << "taken over at every byte";
    }
    for (const std::size_t cut : places_to_cut(stream.size())) {
        ASSERT_EQ(decode(stream, std::vector{cut}, limit), items) << "cut at " << cut;
        ASSERT_EQ(decode(stream, std::vector{cut}, limit, true), items) << "taken over at " << cut;
    }
    if (stream.empty() || stream.size() > 12) return;
    for (std::size_t pattern = 0; pattern < std::size_t{1} << (stream.size() - 1); ++pattern) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = 1; at < stream.size(); ++at) {
            if ((pattern >> (at - 1) & 1) != 0) cuts.push_back(at);
        }
        ASSERT_EQ(decode(stream, cuts, limit), items) << "cut pattern " << pattern;
    }
}

/// A conversation with a name to find it by when it fails.
struct Conversation {
    const char* name;
    std::string stream;
    std::vector<Received> items;
};

inline void expect_conversations(const std::vector<Conversation>& conversations) {
    for (const auto& [name, stream, items] : conversations) {
        SCOPED_TRACE(name);
        expect_items(stream, items);
    }
}

}  // namespace fanfare::transport::testing
