// SPDX-License-Identifier: MIT
#include "reverb/application.hpp"

#include "reverb_app.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace fanfare::cluster::reverb {
namespace {

TEST(Application, r134_has_the_bytes_of_the_specification) {
    const std::string expected = with_zero_bytes(
        R"(O:26:"Laravel\Reverb\Application":11:{s:5:"%*%id";s:7:"lab-app";)"
        R"(s:6:"%*%key";s:7:"lab-key";s:9:"%*%secret";s:10:"lab-secret";)"
        R"(s:15:"%*%pingInterval";i:60;s:18:"%*%activityTimeout";i:30;)"
        R"(s:17:"%*%allowedOrigins";a:1:{i:0;s:1:"*";}s:17:"%*%maxMessageSize";i:10000;)"
        R"(s:17:"%*%maxConnections";N;s:25:"%*%acceptClientEventsFrom";s:7:"members";)"
        R"(s:15:"%*%rateLimiting";a:4:{s:7:"enabled";b:0;s:12:"max_attempts";i:60;)"
        R"(s:13:"decay_seconds";i:60;s:18:"terminate_on_limit";b:0;})"
        R"(s:10:"%*%options";a:4:{s:4:"host";s:9:"localhost";s:4:"port";i:8080;)"
        R"(s:6:"scheme";s:4:"http";s:6:"useTLS";b:0;}})"
    );
    const auto text = ApplicationText::of(lab_settings(), {"localhost", 8080, "http"});
    ASSERT_TRUE(text);
    EXPECT_EQ(text->serialized(), expected);
    EXPECT_TRUE(text->quoted().starts_with(
        R"("O:26:\"Laravel\\Reverb\\Application\":11:{s:5:\"\u0000*\u0000id\";)"
    ));
}

TEST(Application, without_a_known_host_has_no_options) {
    EXPECT_TRUE(lab_app().serialized().ends_with(with_zero_bytes(R"(s:10:"%*%options";a:0:{}})")));
}

TEST(Application, writes_a_connection_limit_as_a_number) {
    config::AppSettings settings = lab_settings();
    settings.max_connections = 5;
    const auto text = ApplicationText::of(settings, {});
    EXPECT_NE(text->serialized().find("maxConnections\";i:5;"), std::string::npos);
}

TEST(Application, is_none_if_json_could_not_carry_it) {
    config::AppSettings settings = lab_settings();
    settings.secret = "\xff";
    EXPECT_FALSE(ApplicationText::of(settings, {}));
}

TEST(Application, of_what_is_read_only_the_id_counts) {
    EXPECT_EQ(application_id(lab_app().serialized()), "lab-app");
    const std::string other =
        with_zero_bytes(R"(O:26:"Laravel\Reverb\Application":2:{s:4:"%*%x";N;s:5:"%*%id";s:1:"7";})"
        );
    EXPECT_EQ(application_id(other), "7");
}

TEST(Application, refuses_another_class_or_no_string_for_an_id) {
    const std::string wrong_class = R"(O:1:"A":1:{s:5:"%*%id";s:1:"7";})";
    EXPECT_FALSE(application_id(with_zero_bytes(wrong_class)));
    const std::string number = R"(O:26:"Laravel\Reverb\Application":1:{s:5:"%*%id";i:7;})";
    EXPECT_FALSE(application_id(with_zero_bytes(number)));
    EXPECT_FALSE(application_id(R"(O:26:"Laravel\Reverb\Application":0:{})"));
    EXPECT_FALSE(application_id(""));
}

}  // namespace
}  // namespace fanfare::cluster::reverb
