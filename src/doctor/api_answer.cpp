// SPDX-License-Identifier: MIT
#include "findings.hpp"
#include "reachability.hpp"
#include "strange_answer.hpp"

#include <nlohmann/json.hpp>

namespace fanfare::doctor {

namespace {

bool has_channels(const probe::Answer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    return json.is_object() && json.contains("channels");
}

/// The server itself has refused.
Finding judge_refusal(const probe::Answer& answer, const Place& place) {
    const std::string what = place.address.url() + "/apps/… answers " +
                             std::to_string(answer.status) + ": " + first_line(answer.body);
    switch (answer.status) {
        case 401: {
            const bool is_late = answer.body.find("Timestamp is") != answer.body.npos;
            return error(
                place.area,
                what,
                "Laravel's events are refused with the same words.",
                is_late ? "Set the clocks: timedatectl set-ntp true, on both machines"
                        : "Give Laravel the key and the secret of the server's app, or restart "
                          "the server if its configuration has changed since"
            );
        }
        case 403:
            return error(
                place.area, what, "Laravel cannot publish.", "\"enabled\": true for the app"
            );
        case 404:
            return error(
                place.area,
                what,
                "The server that answers does not have this app, so it runs with another "
                "configuration than the one that is examined.",
                "systemctl reload fanfare, or the same --config and --env-file for both "
                "(fanfare check shows what is in force here)"
            );
        default:
            return warning(
                place.area,
                what,
                "The server answers, but not with the list of channels.",
                "Its log says why"
            );
    }
}

/// Words that only the server's API has.
bool is_of_server(const probe::Answer& answer) {
    if (is_page(answer)) return false;
    for (const char* words :
         {"Authentication signature invalid",
          "No matching application",
          "Application disabled",
          "The app may make",
          "The application cannot be looked up"}) {
        if (answer.body.find(words) != answer.body.npos) return true;
    }
    return false;
}

}  // namespace

Finding judge_api(const Visit& visit, const Place& place) {
    if (visit.trouble) return judge_trouble(*visit.trouble, place, "/apps/…");
    const probe::Answer& answer = *visit.answer;
    if (answer.status == 200 && has_channels(answer)) {
        return ok(
            place.area,
            place.address.url() + "/apps/…: the API answers a signed request (" +
                std::to_string(visit.latency.count()) + " ms)"
        );
    }
    if (is_of_server(answer)) return judge_refusal(answer, place);
    return judge_strange_answer(answer, place, deployment::Location::api);
}

bool is_up(const Visit& up) {
    return up.answer && up.answer->status == 200 &&
           up.answer->body.find("\"health\"") != std::string::npos;
}

Findings judge_presence(const Visit& up, const Visit& ready, const Place& place, bool is_reached) {
    const std::string url = place.address.url();
    if (!is_up(up)) {
        if (up.answer) {
            const std::string answered = std::to_string(up.answer->status);
            return {error(
                place.area,
                url + "/up answers " + answered + ": " + first_line(up.answer->body),
                "Another program is on the server's port, or the server has another path.",
                "ss -ltnp 'sport = :" + std::to_string(place.address.port) +
                    "' shows who it is; REVERB_SERVER_PATH is the path"
            )};
        }
        const std::string what = "no server on this machine at " + url + ": " + up.trouble->text;
        if (is_reached) {
            return {notice(
                place.area,
                what,
                "The public address leads to a server, so it runs elsewhere.",
                "For the rest, run fanfare doctor on that machine."
            )};
        }
        return {error(
            place.area,
            what,
            "It is not running, or with another configuration than the one examined here.",
            "systemctl start fanfare, or fanfare start; journalctl -u fanfare says why it ended"
        )};
    }
    if (ready.trouble || ready.answer->body.find("\"reasons\":[]") != std::string::npos) {
        return {ok(place.area, "the server runs at " + url)};
    }
    return {warning(
        place.area,
        "the server at " + url + " says " + first_line(ready.answer->body),
        "It is not whole: draining before its end, or cut off from what it needs.",
        "redis_away: see below, under redis; apps_database_away: start that database; draining: it "
        "is being stopped"
    )};
}

}  // namespace fanfare::doctor
