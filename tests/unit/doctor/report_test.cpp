// SPDX-License-Identifier: MIT
#include "findings.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fanfare::doctor {

namespace {

const Findings several{
    ok("dns", "a name"),
    error("redis", "gone", "It is needed.", "one line\n  another"),
    warning("dns", "a worse name", "Why not.", "A record"),
};

TEST(Report, is_as_bad_as_the_worst) {
    EXPECT_EQ(worst_of({}), Severity::ok);
    EXPECT_EQ(worst_of({notice("a", "b", "c")}), Severity::notice);
    EXPECT_EQ(worst_of(several), Severity::error);
}

TEST(Report, is_by_area_and_says_why_and_what_to_do) {
    EXPECT_EQ(
        to_text(several),
        "dns\n"
        "  ✓ a name\n"
        "  ! a worse name\n"
        "      why: Why not.\n"
        "      fix: A record\n"
        "\n"
        "redis\n"
        "  ✗ gone\n"
        "      why: It is needed.\n"
        "      fix: one line\n"
        "             another\n"
        "\n"
        "1 error, 1 warning, 0 notices.\n"
    );
    EXPECT_EQ(to_text({notice("a", "b", "c")}), "a\n  · b\n      why: c\n\nAll is well.\n");
}

TEST(Report, for_programs_has_the_same) {
    const auto json = nlohmann::json::parse(to_json(several));
    EXPECT_EQ(json["worst"], "error");
    ASSERT_EQ(json["findings"].size(), 3U);
    EXPECT_EQ(json["findings"][1]["severity"], "error");
    EXPECT_EQ(json["findings"][1]["area"], "redis");
    EXPECT_EQ(json["findings"][1]["what"], "gone");
    EXPECT_EQ(json["findings"][1]["why"], "It is needed.");
    EXPECT_EQ(json["findings"][1]["fix"], "one line\n  another");
}

TEST(Report, survives_what_others_say) {
    const std::string text = to_json({ok("server", "\xff\xfe")});
    EXPECT_TRUE(nlohmann::json::accept(text));
}

TEST(FirstLine, is_short_whole_and_harmless) {
    EXPECT_EQ(first_line("Not found.\r\nMore"), "Not found.");
    EXPECT_EQ(first_line("red \x1b[31m"), "red ");
    EXPECT_EQ(first_line(std::string(299, 'a') + "é" + "b"), std::string(299, 'a') + "…");
}

}  // namespace

}  // namespace fanfare::doctor
