// SPDX-License-Identifier: MIT
#include "configuration.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

using testing::Contains;

TEST(Configuration, with_an_app_is_valid) {
    config::Loaded loaded;
    loaded.settings = server_with_app();
    EXPECT_THAT(only(judge_configuration(loaded, "")), Says(Severity::ok, "is valid", ""));
    loaded.warnings = {"something odd"};
    EXPECT_THAT(
        judge_configuration(loaded, ""),
        Contains(Says(Severity::warning, "something odd", "fanfare check"))
    );
}

TEST(Configuration, without_one_does_not_start) {
    config::Loaded loaded;
    EXPECT_THAT(
        only(judge_configuration(loaded, "")), Says(Severity::error, "no app", "REVERB_APP_ID")
    );
    loaded.settings.apps_database.driver = config::DatabaseDriver::sqlite;
    EXPECT_THAT(only(judge_configuration(loaded, "")), Says(Severity::ok, "", ""));
}

TEST(Configuration, with_certificates_that_cannot_be_used_does_not_start) {
    config::Loaded loaded;
    loaded.settings = server_with_app();
    EXPECT_THAT(
        only(judge_configuration(loaded, "/tls.pem: no such file")),
        Says(Severity::error, "/tls.pem", "FANFARE_TLS_CERTIFICATE_FILE")
    );
}

}  // namespace

}  // namespace fanfare::doctor
