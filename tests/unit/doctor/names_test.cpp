// SPDX-License-Identifier: MIT
#include "names.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

Resolved found(const std::string& host, std::initializer_list<const char*> addresses) {
    Resolved resolved;
    resolved.host = host;
    for (const char* address : addresses) {
        resolved.addresses.push_back(IpAddress::parse(address).value());
    }
    return resolved;
}

TEST(Names, without_an_address_need_a_record) {
    Resolved resolved = found("ws.shop.test", {});
    resolved.trouble = "Host not found";
    EXPECT_THAT(
        judge_name(resolved, true, false),
        Says(Severity::error, "ws.shop.test has no address: Host not found", "An A or AAAA record")
    );
}

TEST(Names, of_this_machine_are_for_its_own_browsers) {
    const Resolved resolved = found("ws.shop.test", {"127.0.0.1", "::1"});
    EXPECT_THAT(
        judge_name(resolved, true, false),
        Says(Severity::warning, "127.0.0.1, ::1", "VITE_REVERB_HOST")
    );
    EXPECT_EQ(judge_name(resolved, true, true).severity, Severity::notice);
    EXPECT_EQ(judge_name(resolved, false, false).severity, Severity::ok);
}

TEST(Names, of_a_private_network_are_for_that) {
    EXPECT_EQ(judge_name(found("x", {"10.1.2.3"}), true, false).severity, Severity::notice);
    EXPECT_EQ(
        judge_name(found("x", {"10.1.2.3", "192.0.2.1"}), true, false).severity, Severity::ok
    );
    EXPECT_EQ(judge_name(found("x", {"192.0.2.1"}), true, false).severity, Severity::ok);
}

TEST(Names, are_resolved) {
    EXPECT_FALSE(resolve("127.0.0.1").addresses.empty());
    EXPECT_FALSE(resolve("no-such-host.invalid").trouble.empty());
    EXPECT_TRUE(is_loopback_host("127.1.2.3"));
    EXPECT_TRUE(is_loopback_host("localhost"));
    EXPECT_FALSE(is_loopback_host("10.0.0.1"));
}

}  // namespace

}  // namespace fanfare::doctor
