// SPDX-License-Identifier: MIT
#include "strange_answer.hpp"

#include "findings.hpp"

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
    const bool is_api = location == Location::api;
    const char* area = place.area;
    const std::string path = place.address.path + (is_api ? "/apps/" : "/app/");
    const std::string what =
        place.address.url() + (is_api ? "/apps/…" : "/app/…") + " answers " + shown(answer);
    const unsigned status = answer.status;
    const bool speaks_of_tls = answer.body.find("HTTPS port") != std::string::npos ||
                               answer.body.find("This port speaks TLS") != std::string::npos;
    if (status == 400 && speaks_of_tls) {
        return error(
            area, what, "The port is for TLS, and was asked without.", fix_of_scheme(place)
        );
    }
    if (status >= 300 && status < 400) {
        return error(
            area,
            what + (answer.location.empty() ? "" : " to " + first_line(answer.location)),
            "Neither WebSockets nor Laravel follow redirections.",
            "Use the address that it leads to (REVERB_SCHEME, REVERB_HOST, REVERB_PORT), or "
            "leave " +
                path + " out of the redirection"
        );
    }
    if (status >= 502 && status <= 504) {
        return error(
            area,
            what,
            "The proxy does not reach the server.",
            "Its proxy_pass has to lead to " + own_address(place) + ". " +
                lines_for(place, location)
        );
    }
    if (place.is_direct) {
        return error(
            area, what, "Another program than Fanfare is on this port.", who_listens(place)
        );
    }
    if (status == 404 && !is_page(answer)) {
        return error(
            area,
            what,
            "The server is reached under another path than the one it serves, which begins with " +
                (place.settings.server.path.empty() ? "/" : place.settings.server.path) + ".",
            "proxy_pass without a path behind the port, and REVERB_SERVER_PATH (server.path) as "
            "in the public URL. " +
                lines_for(place, location)
        );
    }
    if (status == 401 || status == 403) {
        return error(
            area,
            what,
            "Something in front of the server wants a login or turns this machine away.",
            "Leave " + path + " out of it (auth_basic off; allow all; in its location)"
        );
    }
    return error(
        area,
        what,
        "It is not the server that answers: " + path + " is not passed on to it.",
        lines_for(place, location)
    );
}

}  // namespace fanfare::doctor
