// SPDX-License-Identifier: MIT
#include "fanfare/base/process_stats.hpp"

#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
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

TEST(ProcessStats, started_when_it_did_however_often_one_asks) {
    const double start = read_process_stats().start_unix_seconds;
    EXPECT_EQ(read_process_stats().start_unix_seconds, start);
}

class MemoryLimit : public ::testing::Test {
protected:
    void limit(const std::string& group, const std::string& to) {
        std::filesystem::create_directories(folder.path(group));
        std::ofstream(folder.path(group) + "/memory.max") << to << "\n";
    }

    [[nodiscard]] std::uint64_t of(const std::string& membership) const {
        return memory_limit_of_group(membership, folder.path(""));
    }

    testing::TemporaryFolder folder;
};

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

TEST_F(MemoryLimit, is_that_of_the_group_of_a_service) {
    limit("system.slice/fanfare.service", "1000000");
    EXPECT_EQ(of("0::/system.slice/fanfare.service\n"), 1'000'000U);
    EXPECT_EQ(of("0::/system.slice/other.service\n"), no_limit);
}

TEST_F(MemoryLimit, is_the_lowest_of_those_around_it) {
    limit("a", "500");
    limit("a/b", "max");
    limit("a/b/c", "800");
    EXPECT_EQ(of("1:memory:/elsewhere\n0::/a/b/c\n"), 500U);
}

TEST_F(MemoryLimit, is_that_of_a_container) {
    limit("", "2000");
    EXPECT_EQ(of("0::/\n"), 2'000U);
}

TEST_F(MemoryLimit, may_be_none) {
    EXPECT_EQ(of(""), no_limit);
    EXPECT_EQ(of("4:memory:/docker/1\n"), no_limit);
}

}  // namespace
}  // namespace fanfare
