// SPDX-License-Identifier: MIT
#include "fanfare/config/dotenv.hpp"

#include "fanfare/config/error.hpp"

#include <gtest/gtest.h>

namespace fanfare::config {

namespace {

/// The value of X in `text`; the last one counts.
std::string x_of(std::string_view text, const Environment& process = {}) {
    std::string value = "(no X)";
    for (const auto& entry : parse_dotenv(text, ".env", process)) {
        if (entry.name == "X") value = entry.value;
    }
    return value;
}

std::string error_of(std::string_view text) {
    try {
        parse_dotenv(text, "/srv/.env", {});
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST(Dotenv, a_plain_value_is_taken_as_it_is) {
    EXPECT_EQ(x_of("X=abc"), "abc");
    EXPECT_EQ(x_of("X=a=b\\n'c\"d\n"), "a=b\\n'c\"d");
}

TEST(Dotenv, blanks_around_name_and_value_do_not_count) {
    EXPECT_EQ(x_of("  X \t=\t abc \t\n"), "abc");
}

TEST(Dotenv, an_empty_value_is_empty) {
    EXPECT_EQ(x_of("X="), "");
    EXPECT_EQ(x_of("X=   \nY=1"), "");
    EXPECT_EQ(x_of("X=\"\""), "");
    EXPECT_EQ(x_of("X=''"), "");
}

TEST(Dotenv, a_hash_after_a_space_starts_a_comment) {
    EXPECT_EQ(x_of("X=abc # def"), "abc");
    EXPECT_EQ(x_of("X=\"abc\" # def"), "abc");
    EXPECT_EQ(x_of("X='abc'# def"), "abc");
    EXPECT_EQ(x_of("X= # def"), "");
}

// phpdotenv cuts there too; a different secret than Laravel's would be worse than a surprising one.
TEST(Dotenv, a_hash_without_a_space_cuts_an_unquoted_value_as_in_laravel) {
    EXPECT_EQ(x_of("X=abc#def"), "abc");
}

TEST(Dotenv, a_hash_in_quotes_is_a_hash) {
    EXPECT_EQ(x_of("X=\"a # b\""), "a # b");
    EXPECT_EQ(x_of("X='a # b'"), "a # b");
}

TEST(Dotenv, comments_and_blank_lines_are_skipped) {
    EXPECT_EQ(x_of("# X=1\n\n   \n  # Y=\"\nX=2\n"), "2");
}

TEST(Dotenv, export_before_a_name_does_not_count) {
    EXPECT_EQ(x_of("export X=1"), "1");
    EXPECT_EQ(x_of("export\tX=1"), "1");
    EXPECT_EQ(parse_dotenv("export=1", "", {}).at(0).name, "export");
}

TEST(Dotenv, a_name_may_be_quoted) {
    EXPECT_EQ(x_of("'X'=1"), "1");
}

TEST(Dotenv, escapes_count_in_double_quotes_only) {
    EXPECT_EQ(x_of(R"(X="a\n\t\"\\\$b")"), "a\n\t\"\\$b");
    EXPECT_EQ(x_of(R"(X='a\n')"), "a\\n");
    EXPECT_EQ(x_of(R"(X=a\n)"), "a\\n");
}

TEST(Dotenv, a_double_quoted_value_may_span_lines) {
    EXPECT_EQ(x_of("X=\"a\nb = 'c'\n\nd\" # e\nY=1"), "a\nb = 'c'\n\nd");
}

TEST(Dotenv, a_reference_is_resolved_from_an_earlier_line) {
    EXPECT_EQ(x_of("A=1\nX=${A}2"), "12");
    EXPECT_EQ(x_of("A=1\nX=\"${A} ${A}\""), "1 1");
}

TEST(Dotenv, a_reference_to_the_process_environment_wins_over_the_file) {
    EXPECT_EQ(x_of("A=file\nX=${A}", {{"A", "process"}}), "process");
}

TEST(Dotenv, a_reference_in_single_quotes_stays_as_written) {
    EXPECT_EQ(x_of("A=1\nX='${A}'"), "${A}");
}

TEST(Dotenv, an_escaped_reference_stays_as_written) {
    EXPECT_EQ(x_of("A=1\nX=\"\\${A}\""), "${A}");
}

TEST(Dotenv, an_unknown_reference_stays_as_written) {
    EXPECT_EQ(x_of("X=${LATER}\nLATER=1"), "${LATER}");
    EXPECT_EQ(x_of("X=$A${}${"), "$A${}${");
}

TEST(Dotenv, what_a_reference_brings_in_is_not_resolved_again) {
    EXPECT_EQ(x_of("X=${A}", {{"A", "${B}"}, {"B", "no"}}), "${B}");
}

TEST(Dotenv, windows_line_ends_and_a_byte_order_mark_do_not_count) {
    EXPECT_EQ(x_of("\xEF\xBB\xBFX=1\r\nY=2\r\n"), "1");
    EXPECT_EQ(x_of("X=\"a\r\nb\"\r\n"), "a\nb");
}

TEST(Dotenv, the_later_of_two_entries_counts) {
    EXPECT_EQ(x_of("X=1\nX=2"), "2");
}

TEST(Dotenv, a_name_without_equals_sets_nothing) {
    EXPECT_TRUE(parse_dotenv("X\nexport Y", "", {}).empty());
}

TEST(Dotenv, an_entry_knows_the_line_it_begins_on) {
    const auto entries = parse_dotenv("# c\nA=\"1\n2\"\nB=3", "", {});
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].line, 2U);
    EXPECT_EQ(entries[1].line, 4U);
}

TEST(Dotenv, errors_name_file_and_line_and_what_is_expected) {
    EXPECT_EQ(
        error_of("A=1\nX=My App"), "/srv/.env:2: a value with spaces; expected it in double quotes"
    );
    EXPECT_EQ(error_of("\nX=\"abc\nY=1\n"), "/srv/.env:2: a missing closing quote; expected \"");
    EXPECT_EQ(error_of("X=\"abc\\"), "/srv/.env:1: a missing closing quote; expected \"");
    EXPECT_EQ(error_of("X='abc\nY=1'"), "/srv/.env:1: a missing closing quote; expected '");
    EXPECT_EQ(error_of("=1"), "/srv/.env:1: not a variable; expected NAME=value");
    EXPECT_EQ(error_of("REVERB PORT=1"), "/srv/.env:1: not a variable; expected NAME=value");
    EXPECT_EQ(
        error_of("X=\"a\"b"),
        "/srv/.env:1: text after the closing quote; expected the end of the line or a # comment"
    );
    EXPECT_EQ(
        error_of("X=\"\\d\""),
        "/srv/.env:1: an unknown escape in double quotes; expected one of "
        R"(\n \r \t \f \v \" \\ \$)"
    );
}

}  // namespace fanfare::config
