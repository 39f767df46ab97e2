// SPDX-License-Identifier: MIT
#include "laravel_app.hpp"
#include "support/temporary_folder.hpp"

#include "fanfare/config/error.hpp"
#include "fanfare/doctor/doctor.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fanfare::doctor {

namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::Field;

/// Root may read everything, so while there is one it is nobody.
class Unprivileged {
public:
    Unprivileged() {
        constexpr uid_t nobody = 65534;
        EXPECT_EQ(::seteuid(::geteuid() == 0 ? nobody : ::geteuid()), 0);
    }

    ~Unprivileged() { EXPECT_EQ(::seteuid(::getuid()), 0); }

    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
};

class AnExamination : public ::testing::Test {
protected:
    AnExamination() {
        fs::permissions(folder_.path(""), fs::perms(0755));
        patient_.load = [] {
            config::Loaded loaded;
            loaded.settings = server_with_app();
            loaded.settings.server.port = 0;  // so nobody is visited
            return loaded;
        };
        patient_.laravel = folder_.path("");
        patient_.is_laravel_named = true;
    }

    void write(const std::string& text) const { std::ofstream(folder_.path(".env")) << text; }

    fanfare::testing::TemporaryFolder folder_;
    Patient patient_;
    const std::string sudo_ =
        std::string("sudo -u ") + ::getpwuid(::geteuid())->pw_name + " fanfare doctor";
};

TEST_F(AnExamination, goes_on_without_a_file_that_may_not_be_read) {
    write("BROADCAST_CONNECTION=reverb\n");
    fs::permissions(folder_.path(".env"), fs::perms::none);
    const Unprivileged user;
    const Findings findings = examine(patient_);
    EXPECT_THAT(findings, Contains(Says(Severity::error, "Permission denied", sudo_)));
    EXPECT_THAT(findings, Contains(Field(&Finding::area, "server")));
}

TEST_F(AnExamination, ends_at_a_line_that_nobody_understands) {
    write("A=\"\n");
    EXPECT_THAT(examine(patient_).back(), Says(Severity::error, ".env:1", "Correct that line"));
}

TEST_F(AnExamination, of_a_configuration_that_may_not_be_read_is_for_its_owner) {
    write("");
    patient_.load = [this]() -> config::Loaded {
        throw config::UnreadableFile(folder_.path(".env"), "may not be read");
    };
    EXPECT_THAT(only(examine(patient_)), Says(Severity::error, "may not be read", sudo_));
}

}  // namespace

}  // namespace fanfare::doctor
