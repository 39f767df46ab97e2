// SPDX-License-Identifier: MIT
#include "fanfare/base/counters.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fanfare {
namespace {

TEST(Counters, count_each_for_itself) {
    Counters counters;
    counters.add(Counter::api_clock_skew);
    counters.add(Counter::api_clock_skew);
    counters.add(Counter::last);
    for (const CounterName& name : counter_names()) {
        const std::uint64_t expected = name.counter == Counter::api_clock_skew ? 2
                                       : name.counter == Counter::last         ? 1
                                                                               : 0;
        EXPECT_EQ(counters.of(name.counter), expected) << name.family << " " << name.reason;
    }
}

TEST(Counters, no_two_have_one_name) {
    std::set<std::string> names;
    for (const CounterName& name : counter_names()) {
        EXPECT_TRUE(names.insert(std::string(name.family) + " " + std::string(name.reason)).second)
            << name.family << " " << name.reason;
    }
}

TEST(Counters, each_family_stands_together_and_has_a_help_of_its_own) {
    std::set<std::string_view> families;
    std::set<std::string_view> helps;
    std::string_view last;
    for (const CounterName& name : counter_names()) {
        if (name.family == last) continue;
        last = name.family;
        EXPECT_TRUE(families.insert(name.family).second) << name.family;
        EXPECT_TRUE(helps.insert(help_of(name.family)).second) << name.family;
    }
}

}  // namespace
}  // namespace fanfare
