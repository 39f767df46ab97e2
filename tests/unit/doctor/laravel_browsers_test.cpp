// SPDX-License-Identifier: MIT
#include "laravel_app.hpp"
#include "laravel_judgement.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

const auto all_well = ::testing::Each(::testing::Field(&Finding::severity, Severity::ok));

TEST(LaravelBrowsers, nothing_for_vite_is_worth_a_word) {
    Laravel laravel = laravel_of_app();
    for (const char* end : {"APP_KEY", "HOST", "PORT", "SCHEME"}) {
        laravel.env.erase(std::string("VITE_REVERB_") + end);
    }
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(Severity::notice, "no VITE_REVERB_", "VITE_REVERB_HOST=\"${REVERB_HOST}\"\n")
    );
}

TEST(LaravelBrowsers, another_key_or_none_keeps_clients_out) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_APP_KEY", "old");
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(Severity::error, "VITE_REVERB_APP_KEY is old", "${REVERB_APP_KEY}")
    );
    laravel.env.erase("VITE_REVERB_APP_KEY");
    laravel.env.erase("VITE_REVERB_HOST");
    EXPECT_THAT(
        judge_browsers(laravel, server_with_app()),
        ::testing::ElementsAre(
            Says(Severity::warning, "VITE_REVERB_APP_KEY is missing", "npm run build"),
            Says(Severity::warning, "VITE_REVERB_HOST is missing", "npm run build")
        )
    );
}

TEST(LaravelBrowsers, another_key_of_the_app_lets_clients_in_for_a_while) {
    config::Settings settings = server_with_app();
    settings.apps.front().previous_keys = {"old:old-secret"};
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_APP_KEY", "old");
    EXPECT_THAT(
        only(judge_browsers(laravel, settings)),
        Says(Severity::notice, "VITE_REVERB_APP_KEY is old", "${REVERB_APP_KEY}")
    );
    set(laravel, "REVERB_APP_ID", "other");
    EXPECT_EQ(only(judge_browsers(laravel, settings)).severity, Severity::error);
}

TEST(LaravelBrowsers, what_a_server_binds_is_no_address_for_them) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_HOST", "0.0.0.0");
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(Severity::error, "VITE_REVERB_HOST is 0.0.0.0", "npm run build")
    );
}

TEST(LaravelBrowsers, a_name_that_is_not_replaced_is_an_error) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_HOST", "${REVERB_HOST}");
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(Severity::error, "is literally ${REVERB_HOST}", "Move the line")
    );
}

TEST(LaravelBrowsers, an_ipv6_address_without_brackets_is_an_error) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_HOST", "2001:db8::1");
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(
            Severity::error,
            "VITE_REVERB_HOST is 2001:db8::1",
            "VITE_REVERB_HOST=[2001:db8::1] in /app/.env:99, then npm run build"
        )
    );
    set(laravel, "VITE_REVERB_HOST", "[2001:db8::1]");
    EXPECT_THAT(judge_browsers(laravel, server_with_app()), all_well);
}

TEST(LaravelBrowsers, plain_websockets_from_a_secure_page_are_refused) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_SCHEME", "http");
    EXPECT_THAT(
        only(judge_browsers(laravel, server_with_app())),
        Says(Severity::error, "APP_URL is https", "VITE_REVERB_SCHEME=https")
    );
    set(laravel, "APP_URL", "http://shop.test");
    EXPECT_THAT(judge_browsers(laravel, server_with_app()), all_well);
}

TEST(LaravelBrowsers, plain_websockets_to_their_own_machine_are_refused_by_safari_only) {
    Laravel laravel = laravel_of_app();
    set(laravel, "VITE_REVERB_SCHEME", "http");
    for (const char* host : {"localhost", "127.0.0.1", "[::1]"}) {
        set(laravel, "VITE_REVERB_HOST", host);
        const Finding found = only(judge_browsers(laravel, server_with_app()));
        EXPECT_THAT(found, Says(Severity::warning, "APP_URL is https", "VITE_REVERB_SCHEME=https"));
        EXPECT_TRUE(found.why.starts_with("Safari refuses")) << found.why;
    }
}

}  // namespace

}  // namespace fanfare::doctor
