// SPDX-License-Identifier: MIT
#include "strange_answer.hpp"

#include "findings.hpp"

#include <optional>
#include <utility>

namespace fanfare::doctor {

namespace {

using deployment::Location;

std::string shown(const probe::Answer& answer) {
    std::string text = std::to_string(answer.status);
    if (!answer.server.empty()) text += " from " + first_line(answer.server);
    if (is_page(answer)) return text + " with a web page";
    const std::string line = first_line(answer.body);
    return line.empty() ? text : text + ": " + line;
}

std::string lines_for(const Place& place, Location location) {
    return "In the site of nginx, then nginx -s reload (fanfare nginx prints a whole site):\n" +
           deployment::nginx_location(place.settings, location);
}

std::string own_address(const Place& place) {
    const config::ServerSettings& server = place.settings.server;
    return config::local_host(server.host) + ":" + std::to_string(server.port);
}

std::string who_listens(const Place& place) {
    return "See who listens there: ss -ltnp 'sport = :" + std::to_string(place.address.port) + "'";
}

std::string fix_of_scheme(const Place& place) {
    const bool is_encrypted = place.address.is_encrypted;
    return std::string("REVERB_SCHEME=") + (is_encrypted ? "http" : "https") +
           " (and VITE_REVERB_SCHEME), or the port that is for " +
           (is_encrypted ? "TLS (443)" : "plain HTTP");
}

struct Cause {
    std::string why;
    std::string fix;
};

std::string path_of(const Place& place, Location location) {
    return place.address.path + (location == Location::api ? "/apps/" : "/app/");
}

bool is_redirection(const probe::Answer& answer) {
    return answer.status >= 300 && answer.status < 400;
}

/// nginx says the first, the server the other.
bool speaks_of_tls(const probe::Answer& answer) {
    return answer.status == 400 && (answer.body.find("HTTPS port") != answer.body.npos ||
                                    answer.body.find("This port speaks TLS") != answer.body.npos);
}

/// What somebody in front of the server says of his own accord.
std::optional<Cause> cause_in_proxy(
    const probe::Answer& answer, const Place& place, Location location
) {
    const std::string path = path_of(place, location);
    if (speaks_of_tls(answer)) {
        return Cause{"The port is for TLS, and was asked without.", fix_of_scheme(place)};
    }
    if (is_redirection(answer)) {
        return Cause{
            "Neither WebSockets nor Laravel follow redirections.",
            "Use the address that it leads to (REVERB_SCHEME, REVERB_HOST, REVERB_PORT), or "
            "leave " +
                path + " out of the redirection"};
    }
    if (answer.status >= 502 && answer.status <= 504) {
        return Cause{
            "The proxy does not reach the server.",
            "Its proxy_pass has to lead to " + own_address(place) + ". " +
                lines_for(place, location)};
    }
    if (answer.status == 401 || answer.status == 403) {
        return Cause{
            "Something in front of the server wants a login or turns this machine away.",
            "Leave " + path + " out of it (auth_basic off; allow all; in its location)"};
    }
    return std::nullopt;
}

/// The wrong server, or the right one asked for the wrong thing.
Cause cause_behind_proxy(const probe::Answer& answer, const Place& place, Location location) {
    if (place.is_direct) {
        return {"Another program than Fanfare is on this port.", who_listens(place)};
    }
    if (answer.status == 404 && !is_page(answer)) {
        const std::string& path = place.settings.server.path;
        return {
            "The server is reached under another path than the one it serves, which begins with " +
                (path.empty() ? "/" : path) + ".",
            "proxy_pass without a path behind the port, and REVERB_SERVER_PATH (server.path) as in "
            "the public URL. " +
                lines_for(place, location)};
    }
    return {
        "It is not the server that answers: " + path_of(place, location) +
            " is not passed on to it.",
        lines_for(place, location)};
}

}  // namespace

bool is_page(const probe::Answer& answer) {
    return answer.content_type.starts_with("text/html");
}

Finding judge_trouble(const Trouble& trouble, const Place& place, const std::string& path) {
    const std::string what = place.address.url() + path + ": " + trouble.text;
    switch (trouble.stage) {
        case probe::Stage::resolve:
            return error(
                place.area,
                what,
                "The name has no address.",
                "Make a DNS record for " + place.address.host + ", or correct " +
                    place.address.source
            );
        case probe::Stage::connect:
            return error(
                place.area,
                what,
                "Nobody is reached at this address.",
                "Start what listens there (nginx; the server itself is on " + own_address(place) +
                    "), open the port in the firewall, or correct host and port (" +
                    place.address.source + ")"
            );
        case probe::Stage::tls:
            return error(
                place.area,
                what,
                "TLS cannot be agreed on; the port may well be one for plain HTTP.",
                fix_of_scheme(place)
            );
        case probe::Stage::answer:
            break;
    }
    return error(
        place.area,
        what,
        "Somebody is there and does not answer in HTTP.",
        who_listens(place) +
            "; a port for TLS does so if it is asked without: " + fix_of_scheme(place)
    );
}

Finding judge_strange_answer(const probe::Answer& answer, const Place& place, Location location) {
    std::string what = place.address.url() + (location == Location::api ? "/apps/…" : "/app/…") +
                       " answers " + shown(answer);
    if (is_redirection(answer) && !answer.location.empty()) {
        what += " to " + first_line(answer.location);
    }
    auto cause = cause_in_proxy(answer, place, location);
    if (!cause) cause = cause_behind_proxy(answer, place, location);
    return error(place.area, std::move(what), std::move(cause->why), std::move(cause->fix));
}

}  // namespace fanfare::doctor
