// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::cluster::reverb {

/// A test with the PHP interpreter as independent judge (judge.php). One process serves a whole
/// test.
class PhpJudge : public ::testing::Test {
protected:
    void SetUp() override {
        if (std::system("php -n -r '' >/dev/null 2>&1") != 0) {
            GTEST_SKIP() << "NOT TESTED AGAINST PHP: there is no php (apt-get install php-cli)";
        }
        const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  (std::string(test->name()) + '-' + std::to_string(getpid()));
        std::filesystem::create_directories(folder_);
    }

    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    /// What judge.php prints.
    std::string run(const std::string& arguments, const std::string& input = "") {
        std::ofstream(folder_ / "in", std::ios::binary) << input;
        const auto redirected = [&](const char* arrow, const char* file) {
            return std::string(" ") + arrow + "'" + (folder_ / file).string() + "'";
        };
        const std::string command =
            "php -n -d serialize_precision=-1 -d memory_limit=1G '" FANFARE_REVERB_JUDGE "' " +
            arguments + redirected("<", "in") + redirected(">", "out");
        EXPECT_EQ(std::system(command.c_str()), 0) << command;
        std::ifstream output(folder_ / "out", std::ios::binary);
        return {std::istreambuf_iterator<char>(output), {}};
    }

    /// Texts in the form in which judge.php takes and gives them: the length, a line feed, the
    /// bytes.
    static std::string packed(const std::vector<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts) all += std::to_string(text.size()) + '\n' + text;
        return all;
    }

    static std::vector<std::string> unpacked(std::string_view all) {
        std::vector<std::string> texts;
        while (!all.empty()) {
            const std::size_t line = all.find('\n');
            const std::size_t length = std::stoul(std::string(all.substr(0, line)));
            texts.emplace_back(all.substr(line + 1, length));
            all.remove_prefix(line + 1 + length);
        }
        return texts;
    }

    static std::vector<std::string> lines(std::string_view all) {
        std::vector<std::string> result;
        while (!all.empty()) {
            const std::size_t line = all.find('\n');
            result.emplace_back(all.substr(0, line));
            all.remove_prefix(line + 1);
        }
        return result;
    }

private:
    std::filesystem::path folder_;
};

}  // namespace fanfare::cluster::reverb
