// SPDX-License-Identifier: MIT
#include "fanfare/base/append_only.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace fanfare {
namespace {

void add(AppendOnly<std::string>& list, std::size_t number) {
    EXPECT_EQ(list.add([&](std::string& added) { added = std::to_string(number); }), number);
}

TEST(AppendOnly, keeps_what_is_added_and_where_it_is) {
    AppendOnly<std::string> list;
    EXPECT_EQ(list.size(), 0U);
    std::vector<const std::string*> places;
    for (std::size_t i = 0; i < 1'000; ++i) {
        add(list, i);
        places.push_back(&list[i]);
    }
    EXPECT_EQ(list.size(), 1'000U);
    for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_EQ(&list[i], places[i]);
        EXPECT_EQ(list[i], std::to_string(i));
    }
}

TEST(AppendOnly, is_read_while_it_grows) {
    constexpr std::size_t count = 20'000;
    AppendOnly<std::string> list;
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&] {
            for (std::size_t seen = 0; seen < count;) {
                const std::size_t size = list.size();
                for (; seen < size; ++seen) ASSERT_EQ(list[seen], std::to_string(seen));
            }
        });
    }
    for (std::size_t i = 0; i < count; ++i) add(list, i);
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace fanfare
