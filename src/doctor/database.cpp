// SPDX-License-Identifier: MIT
#include "database.hpp"

#include "findings.hpp"

#include "fanfare/base/clock.hpp"
#include "fanfare/config/error.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <sstream>

namespace fanfare::doctor {

DatabaseFacts ask_database(
    const config::AppsDatabaseSettings& settings, const std::string& app_id
) {
    std::ostringstream warnings;
    spdlog::logger log("apps", std::make_shared<spdlog::sinks::ostream_sink_mt>(warnings));
    log.set_level(spdlog::level::warn);
    log.set_pattern("%v");
    const SystemClock clock;
    std::promise<apps::Database::Answer> answer;
    auto future = answer.get_future();
    DatabaseFacts facts;
    {
        apps::Database database(
            settings, clock, [](const auto&, const auto&) {}, log
        );
        database.find(apps::Database::Column::id, app_id, [&answer](const auto& found) {
            answer.set_value(found);
        });
        if (future.wait_for(2 * settings.timeout) == std::future_status::ready) {
            const apps::Database::Answer found = future.get();
            facts.outcome = found.outcome;
            facts.app = found.app;
        }
    }
    facts.trouble = warnings.str();
    facts.trouble.erase(std::min(facts.trouble.find('\n'), facts.trouble.size()));
    return facts;
}

Finding judge_database(const DatabaseFacts& facts, const std::string& app_id) {
    constexpr const char* area = "apps database";
    const std::string app = config::printable(app_id);
    const std::string trouble = first_line(facts.trouble);
    switch (facts.outcome) {
        case apps::Database::Outcome::found:
            return ok(area, "has the app " + app);
        case apps::Database::Outcome::absent:
            return error(
                area,
                "has no app " + app + (trouble.empty() ? "" : ": " + trouble),
                "The server answers Laravel with 404 and clients with 4001.",
                "A row for it in the table of docs/apps-database.md, or the app_id of another row "
                "in the .env"
            );
        case apps::Database::Outcome::unavailable:
            break;
    }
    return error(
        area,
        "does not answer: " + trouble,
        "Apps that the server has not seen yet are refused until it is back.",
        "Start it, and check FANFARE_APPS_DATABASE_HOST, _PORT, _NAME, _USERNAME and _PASSWORD "
        "(apps_database)"
    );
}

}  // namespace fanfare::doctor
