// SPDX-License-Identifier: MIT
#include "fanfare/api/health.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <string_view>
#include <vector>

namespace fanfare::api {
namespace {

class HealthTest : public ::testing::Test {
protected:
    [[nodiscard]] transport::HttpResponse get(std::string_view path) const {
        const auto page = pages_.find(path);
        return page ? *page : transport::refusal(404, "");
    }

    [[nodiscard]] nlohmann::json json(std::string_view path) const {
        return nlohmann::json::parse(get(path).body);
    }

    config::ServerSettings settings_;
    std::atomic<bool> is_draining_ = false;
    std::vector<std::string_view> troubles_;
    HealthPages pages_{settings_, {is_draining_, [this] { return troubles_; }}};
};

TEST_F(HealthTest, r097_up_is_as_reverb_has_it) {
    EXPECT_EQ(get("/up").status, 200U);
    EXPECT_EQ(get("/up").body, R"({"health":"OK"})");
}

TEST_F(HealthTest, is_ready_when_all_is_well) {
    EXPECT_EQ(get("/ready").status, 200U);
    EXPECT_EQ(get("/ready").body, R"({"ready":true,"reasons":[]})");
}

TEST_F(HealthTest, is_alive_and_not_ready_while_it_drains) {
    is_draining_ = true;
    EXPECT_EQ(get("/ready").status, 503U);
    EXPECT_EQ(get("/ready").body, R"({"ready":false,"reasons":["draining"]})");
    for (const char* path : {"/live", "/up"}) EXPECT_EQ(get(path).status, 200U) << path;
}

TEST_F(HealthTest, is_ready_and_says_so_while_it_has_to_do_without_something) {
    troubles_ = {"redis_away", "apps_database_away"};
    EXPECT_EQ(get("/ready").status, 200U);
    EXPECT_EQ(
        get("/ready").body,
        R"({"ready":true,"degraded":true,"reasons":["redis_away","apps_database_away"]})"
    );
}

TEST_F(HealthTest, is_not_ready_then_if_the_operator_wants_it_so) {
    settings_.strict_ready = true;
    EXPECT_EQ(get("/ready").status, 200U);
    troubles_ = {"redis_away"};
    EXPECT_EQ(get("/ready").status, 503U);
    EXPECT_EQ(get("/ready").body, R"({"ready":false,"degraded":true,"reasons":["redis_away"]})");
}

TEST_F(HealthTest, tells_all_reasons) {
    is_draining_ = true;
    troubles_ = {"syncing"};
    EXPECT_THAT(json("/ready")["reasons"], ::testing::ElementsAre("draining", "syncing"));
}

TEST_F(HealthTest, has_soketis_pages_only_if_they_are_wanted) {
    const std::vector<std::string_view> pages{"/", "/usage", "/accept-traffic"};
    for (const auto page : pages) EXPECT_EQ(get(page).status, 404U) << page;
    settings_.soketi_monitoring = true;
    for (const auto page : pages) EXPECT_EQ(get(page).status, 200U) << page;
    EXPECT_EQ(get("/").body, "OK");
    EXPECT_EQ(get("/other").status, 404U);
}

TEST_F(HealthTest, usage_adds_up) {
    settings_.soketi_monitoring = true;
    for (const char* page : {"/usage", "/accept-traffic"}) {
        const auto memory = json(page)["memory"];
        EXPECT_GT(memory["used"], 1'000'000U);
        EXPECT_EQ(
            memory["used"].get<std::uint64_t>() + memory["free"].get<std::uint64_t>(),
            memory["total"]
        );
        EXPECT_LE(memory["percent"], 100U);
    }
}

TEST_F(HealthTest, accepts_no_traffic_while_it_drains) {
    settings_.soketi_monitoring = true;
    is_draining_ = true;
    EXPECT_EQ(get("/accept-traffic").status, 503U);
    EXPECT_EQ(get("/").status, 200U);
}

}  // namespace
}  // namespace fanfare::api
