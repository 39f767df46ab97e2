// SPDX-License-Identifier: MIT
#include "clocks.hpp"

#include "findings.hpp"

#include <cstdlib>
#include <ctime>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "clock";
constexpr std::chrono::seconds usual_skew{60};
constexpr std::chrono::seconds usual_tolerance{600};  // of Pusher

}  // namespace

std::optional<ClockReading> read_clock(std::string whose, const Visit& visit) {
    if (!visit.answer) return std::nullopt;
    std::tm parts{};
    const char* end = ::strptime(visit.answer->date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    const auto theirs = std::chrono::system_clock::from_time_t(::timegm(&parts));
    const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(theirs - visit.at);
    return ClockReading{std::move(whose), ahead};
}

Findings judge_clocks(const std::vector<ClockReading>& readings, std::chrono::seconds tolerance) {
    const auto limit = tolerance.count() == 0 ? usual_tolerance : tolerance;
    Findings findings;
    for (const ClockReading& reading : readings) {
        const auto skew = std::chrono::seconds(std::abs(reading.ahead.count()));
        const std::string seconds = std::to_string(skew.count()) + " s";
        const std::string what = reading.ahead.count() == 0
                                     ? "the clock of " + reading.whose + " is that of this machine"
                                     : "the clock of " + reading.whose + " is " + seconds +
                                           (reading.ahead.count() > 0 ? " ahead of" : " behind") +
                                           " this machine's";
        const std::string why = "A signature counts for " + std::to_string(limit.count()) +
                                " s: beyond that the server answers Laravel with 401.";
        const std::string fix =
            "timedatectl set-ntp true on both machines (timedatectl shows which one is wrong)";
        if (skew > limit) {
            findings.push_back(error(area, what, why, fix));
        } else if (skew > usual_skew) {
            findings.push_back(warning(area, what, why, fix));
        } else {
            findings.push_back(ok(area, what));
        }
    }
    return findings;
}

}  // namespace fanfare::doctor
