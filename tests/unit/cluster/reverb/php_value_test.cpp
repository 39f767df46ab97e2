// SPDX-License-Identifier: MIT
#include "reverb/php_value.hpp"

#include "reverb/php_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::cluster::reverb {
namespace {

using namespace std::string_view_literals;

std::string written(auto write) {
    PhpWriter writer;
    write(writer);
    return std::move(writer).take();
}

std::string nested_arrays(std::size_t depth) {
    std::string text;
    for (std::size_t i = 1; i < depth; ++i) text += "a:1:{i:0;";
    return text + "a:0:{}" + std::string(depth - 1, '}');
}

TEST(PhpWriter, writes_what_serialize_gives) {
    EXPECT_EQ(written([](auto& php) { php.null(); }), "N;");
    EXPECT_EQ(written([](auto& php) { php.boolean(true); }), "b:1;");
    EXPECT_EQ(written([](auto& php) { php.integer(-5); }), "i:-5;");
    EXPECT_EQ(written([](auto& php) { php.real(0.1); }), "d:0.1;");
    EXPECT_EQ(written([](auto& php) { php.real(-INFINITY); }), "d:-INF;");
    EXPECT_EQ(written([](auto& php) { php.string("\xc3\xa9\"\0"sv); }), "s:4:\"\xc3\xa9\"\0\";"sv);
    EXPECT_EQ(written([](auto& php) { php.enum_case("A\\B", "C"); }), "E:5:\"A\\B:C\";");
    const std::vector<std::string> list{"a", ""};
    EXPECT_EQ(written([&](auto& php) { php.strings(list); }), R"(a:2:{i:0;s:1:"a";i:1;s:0:"";})");
    const auto object = written([](auto& php) {
        php.begin_object("A\\B", 1);
        php.protected_property("p");
        php.null();
        php.end();
    });
    EXPECT_EQ(object, "O:3:\"A\\B\":1:{s:4:\"\0*\0p\";N;}"sv);
}

TEST(PhpValue, reads_scalars) {
    EXPECT_EQ(PhpValue::parse("N;")->type(), PhpType::null);
    EXPECT_TRUE(PhpValue::parse("b:1;")->is_true());
    EXPECT_FALSE(PhpValue::parse("b:0;")->is_true());
    EXPECT_EQ(PhpValue::parse("i:-9223372036854775808;")->integer(), INT64_MIN);
    EXPECT_EQ(PhpValue::parse("d:1.0E+25;")->real(), 1e25);
    EXPECT_EQ(PhpValue::parse("d:-0;")->real(), 0);
    EXPECT_EQ(PhpValue::parse("d:INF;")->real(), std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(PhpValue::parse("d:NAN;")->real()));
    EXPECT_EQ(PhpValue::parse("s:4:\"\";}\0\";"sv)->text(), "\";}\0"sv);
    EXPECT_EQ(PhpValue::parse(R"(E:5:"A\B:C";)")->text(), "A\\B:C");
}

TEST(PhpValue, finds_direct_members_by_their_exact_bytes) {
    const auto array = PhpValue::parse(R"(a:3:{s:1:"a";a:1:{s:1:"b";i:1;}i:7;N;s:1:"c";s:0:"";})");
    ASSERT_TRUE(array);
    EXPECT_EQ(array->find("a"), R"(a:1:{s:1:"b";i:1;})");
    EXPECT_EQ(array->find("b"), "");
    EXPECT_EQ(array->find("7"), "N;");
    EXPECT_EQ(php_string(array->find("c")), "");
    EXPECT_EQ(php_string(array->find("d")), std::nullopt);
}

TEST(PhpValue, finds_protected_properties) {
    const auto object = PhpValue::parse("O:1:\"A\":2:{s:2:\"id\";i:1;s:5:\"\0*\0id\";i:2;}"sv);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->text(), "A");
    EXPECT_EQ(object->find_protected("id"), "i:2;");
    EXPECT_EQ(object->find_protected("key"), "");
}

TEST(PhpValue, of_duplicate_names_the_last_wins) {
    EXPECT_EQ(PhpValue::parse(R"(a:2:{s:1:"a";i:1;s:1:"a";i:2;})")->find("a"), "i:2;");
}

TEST(PhpValue, refuses_every_text_that_is_cut_or_goes_on) {
    const auto whole = R"(a:2:{s:1:"a";O:1:"A":1:{s:1:"b";d:1.5;}i:7;E:3:"A:B";})"sv;
    ASSERT_TRUE(PhpValue::parse(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(PhpValue::parse(whole.substr(0, length))) << whole.substr(0, length);
    }
    EXPECT_FALSE(PhpValue::parse(std::string(whole) + ";"));
    EXPECT_FALSE(PhpValue::parse(std::string(whole) + "N;"));
}

TEST(PhpValue, refuses_what_php_does_not_write) {
    for (const std::string_view text :
         {"n;",
          "N",
          "b:2;",
          "b:;",
          "i:;",
          "i:+1;",
          "i: 1;",
          "i:1.5;",
          "i:9223372036854775808;",
          "i:00000000000000000000000000000000000000001;",
          "d:;",
          "d:inf;",
          "d:nan(1);",
          "d:0x1p3;",
          "d:1e999;",
          "s:-1:\"\";",
          "s:2:\"a\";",
          "s:0:\"a\";",
          "s:18446744073709551615:\"a\";",
          "s:1:'a';",
          "S:1:\"a\";",
          "a:1:{}",
          "a:0:{i:0;N;}",
          "a:1:{N;N;}",
          "a:1:{i:0;}",
          "a:-1:{}",
          "O:1:\"A\":1:{i:0;N;}",
          "a:1:{b:1;N;}",
          "a:4294967296:{",
          "a:18446744073709551615:{i:0;N;}"}) {
        EXPECT_FALSE(PhpValue::parse(text)) << text;
    }
}

TEST(PhpValue, refuses_references_and_custom_serialisers) {
    EXPECT_FALSE(PhpValue::parse("r:1;"));
    EXPECT_FALSE(PhpValue::parse("a:2:{i:0;a:0:{}i:1;r:2;}"));
    EXPECT_FALSE(PhpValue::parse("a:2:{i:0;i:1;i:1;R:2;}"));
    EXPECT_FALSE(PhpValue::parse("C:1:\"A\":3:{abc}"));
}

TEST(PhpValue, nests_64_deep_and_no_deeper) {
    EXPECT_TRUE(PhpValue::parse(nested_arrays(max_php_depth)));
    EXPECT_FALSE(PhpValue::parse(nested_arrays(max_php_depth + 1)));
    EXPECT_FALSE(PhpValue::parse(nested_arrays(100'000)));
}

TEST(PhpValue, reads_wide_arrays_of_arrays) {
    std::string text = "a:1000:{";
    for (int i = 0; i < 1'000; ++i) text += "i:" + std::to_string(i) + ";a:1:{i:0;a:0:{}}";
    const auto array = PhpValue::parse(text + "}");
    ASSERT_TRUE(array);
    EXPECT_EQ(array->members().size(), 1'000U);
}

}  // namespace
}  // namespace fanfare::cluster::reverb
