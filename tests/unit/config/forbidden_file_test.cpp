// SPDX-License-Identifier: MIT
#include "config_files.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

namespace fanfare::config {

namespace {

using testing::Contains;
using testing::HasSubstr;

namespace fs = std::filesystem;

/// The usual configuration is there, and for somebody else: root, who may read everything, becomes
/// nobody.
class ForbiddenFile : public ConfigFiles {
protected:
    ForbiddenFile() {
        write_json(R"({"server": {"port": 1}})");
        write("app.env", "REVERB_APP_ID=7\nREVERB_APP_KEY=key\nREVERB_APP_SECRET=s3cret-s3cret");
        write("no_app.env", "REVERB_SERVER_PORT=2");
        fs::permissions(path(""), fs::perms{0755});
        fs::permissions(path("fanfare.json"), fs::perms::none);
        is_root_ = ::geteuid() == 0 && ::seteuid(65'534) == 0;
    }

    ~ForbiddenFile() override {
        if (is_root_ && ::seteuid(0) != 0) ADD_FAILURE() << "cannot become root again";
    }

    static constexpr const char* complaint =
        "fanfare.json: cannot be read (Permission denied); expected a readable file";

private:
    bool is_root_ = false;
};

TEST_F(ForbiddenFile, is_passed_over_with_a_warning_if_a_named_dotenv_has_an_app) {
    Flags flags;
    flags.env_file = path("app.env");
    const Loaded loaded = load({}, flags);
    EXPECT_EQ(loaded.settings.server.port, 8080);
    EXPECT_EQ(loaded.settings.apps.size(), 1U);
    EXPECT_THAT(
        loaded.warnings, Contains(HasSubstr("fanfare.json is not read (Permission denied)"))
    );
}

TEST_F(ForbiddenFile, is_an_error_without_an_app_from_elsewhere) {
    Flags flags;
    flags.env_file = path("no_app.env");
    EXPECT_EQ(error({}, flags), complaint);
}

TEST_F(ForbiddenFile, is_an_error_if_no_dotenv_is_named) {
    EXPECT_EQ(error(app_and({})), complaint);
}

TEST_F(ForbiddenFile, is_an_error_if_it_is_named_itself) {
    Flags flags;
    flags.env_file = path("app.env");
    flags.config_file = path("fanfare.json");
    EXPECT_EQ(error({}, flags), complaint);
}

}  // namespace

}  // namespace fanfare::config
