// SPDX-License-Identifier: MIT
#include "fanfare/base/process_stats.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace fanfare {
namespace {

double unix_now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

TEST(ProcessStats, are_those_of_this_process) {
    const ProcessStats stats = read_process_stats();
    EXPECT_GT(stats.resident_bytes, 1'000'000U);
    EXPECT_GT(stats.virtual_bytes, stats.resident_bytes);
    EXPECT_LT(stats.start_unix_seconds, unix_now() + 1);
    EXPECT_GT(stats.start_unix_seconds, unix_now() - 3'600);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(stats.max_files, limit.rlim_cur);
}

TEST(ProcessStats, count_open_files) {
    const std::uint64_t before = read_process_stats().open_files;
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(read_process_stats().open_files, before + 1);
    ::close(fd);
    EXPECT_EQ(read_process_stats().open_files, before);
}

TEST(ProcessStats, cpu_time_grows_with_work) {
    const double before = read_process_stats().cpu_seconds;
    std::string work;
    while (read_process_stats().cpu_seconds == before) work += 'x';
    EXPECT_GT(read_process_stats().cpu_seconds, before);
}

TEST(ProcessStats, there_is_more_memory_than_is_used) {
    EXPECT_GT(available_memory(), read_process_stats().resident_bytes);
}

}  // namespace
}  // namespace fanfare
