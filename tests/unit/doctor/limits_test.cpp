// SPDX-License-Identifier: MIT
#include "limits.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

using testing::Contains;

Limits limits_with(std::uint64_t files) {
    Limits limits;
    limits.open_files = files;
    limits.somaxconn = 4'096;
    return limits;
}

TEST(Limits, of_open_files_are_room_for_clients) {
    const config::Settings settings = server_with_app();
    EXPECT_THAT(
        only(judge_limits(limits_with(1'024), settings)),
        Says(Severity::warning, "1024 files", "LimitNOFILE=1048576")
    );
    EXPECT_EQ(only(judge_limits(limits_with(4'096), settings)).severity, Severity::notice);
    EXPECT_EQ(only(judge_limits(limits_with(65'536), settings)).severity, Severity::ok);
}

TEST(Limits, of_apps_have_to_fit_in) {
    config::Settings settings = server_with_app();
    settings.apps.front().max_connections = 500;
    EXPECT_EQ(only(judge_limits(limits_with(1'024), settings)).severity, Severity::ok);
    settings.apps.push_back(settings.apps.front());
    EXPECT_THAT(
        only(judge_limits(limits_with(1'024), settings)),
        Says(Severity::warning, "may have 1000", "LimitNOFILE")
    );
    settings.apps.front().max_connections = 100'000;
    EXPECT_EQ(only(judge_limits(limits_with(65'536), settings)).severity, Severity::warning);
}

TEST(Limits, of_a_running_server_are_its_own) {
    Limits limits = limits_with(65'536);
    limits.pid = 4'711;
    EXPECT_THAT(
        only(judge_limits(limits, server_with_app())), Says(Severity::ok, "process 4711", "")
    );
}

TEST(Limits, of_the_kernel_count_where_they_are_near) {
    Limits limits = limits_with(65'536);
    limits.somaxconn = 128;
    limits.tracked_connections = 60'000;
    limits.max_tracked_connections = 65'536;
    const Findings findings = judge_limits(limits, server_with_app());
    EXPECT_THAT(findings, Contains(Says(Severity::notice, "somaxconn is 128", "sysctl -w")));
    EXPECT_THAT(findings, Contains(Says(Severity::warning, "60000 of at most 65536", "sysctl -w")));
    limits.tracked_connections = 10;
    limits.somaxconn.reset();
    EXPECT_EQ(judge_limits(limits, server_with_app()).size(), 1U);
}

TEST(Limits, are_read_from_the_system) {
    const Limits limits = read_limits(1);
    EXPECT_GT(limits.open_files, 0U);
    EXPECT_FALSE(limits.pid);
}

}  // namespace

}  // namespace fanfare::doctor
