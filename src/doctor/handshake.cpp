// SPDX-License-Identifier: MIT
#include "findings.hpp"
#include "messages.hpp"
#include "reachability.hpp"
#include "strange_answer.hpp"

namespace fanfare::doctor {

namespace {

/// Fanfare got the request without what makes it one for a WebSocket.
bool lacks_upgrade(const probe::Answer& answer) {
    if (answer.status == 426) return true;
    if (answer.status != 400) return false;
    const std::string& body = answer.body;
    return body.find("does not say Upgrade") != body.npos ||
           body.find("handshake needs HTTP/1.1") != body.npos;
}

std::string fix_of(int code, const Place& place) {
    switch (code) {
        case 4000:
            return "The app is tls_only: connect with https, and let the proxy send "
                   "X-Forwarded-Proto (proxy_set_header X-Forwarded-Proto $scheme) from an address "
                   "in server.trusted_proxies";
        case 4001:
            return "The server that answers does not have this app: is it the one that is "
                   "configured here? After a change of its configuration: systemctl reload fanfare";
        case 4003:
            return "\"enabled\": true for the app";
        case 4004:
            return "Raise max_connections of the app";
        case 4009:
            return "Add the host of the pages (APP_URL) to allowed_origins of the app "
                   "(REVERB_ALLOWED_ORIGINS)";
        case 4100:
            return "The server is full: raise its limit for open files (LimitNOFILE), or "
                   "max_connections_per_ip if all clients come from one proxy "
                   "(server.trusted_proxies)";
        default:
            return "The log of the server says why (" + std::string(place.area) + ")";
    }
}

Finding judge_message(const Visit& visit, const Place& place) {
    const Message message = parse_message(visit.message);
    const std::string url = place.address.url() + "/app/…";
    if (message.event == "pusher:connection_established") {
        return ok(
            place.area,
            url + ": a client connects (" + std::to_string(visit.latency.count()) + " ms)"
        );
    }
    constexpr int tls_required = 4000;
    if (message.code == tls_required && place.is_direct && !place.address.is_encrypted) {
        return ok(place.area, url + ": the app wants TLS, which ends in front of the server");
    }
    if (message.event == "pusher:error") {
        return error(
            place.area,
            url + " refuses clients with " + std::to_string(message.code) + ": " +
                first_line(message.text),
            "Browsers are told the same.",
            fix_of(message.code, place)
        );
    }
    return error(
        place.area,
        url + " is a WebSocket that begins with " + first_line(visit.message),
        "It does not speak Pusher's protocol, so it is another server.",
        "Correct the address (" + place.address.source + ")"
    );
}

}  // namespace

Finding judge_handshake(const Visit& visit, const Place& place) {
    if (visit.trouble) return judge_trouble(*visit.trouble, place, "/app/…");
    if (!visit.answer) return judge_message(visit, place);
    const probe::Answer& answer = *visit.answer;
    if (!lacks_upgrade(answer)) {
        return judge_strange_answer(answer, place, deployment::Location::websockets);
    }
    return error(
        place.area,
        place.address.url() + "/app/… answers " + std::to_string(answer.status) + ": " +
            first_line(answer.body),
        "The proxy drops the headers Upgrade and Connection, or speaks HTTP/1.0: no client can "
        "connect.",
        "In the site of nginx, then nginx -s reload (fanfare nginx prints a whole site):\n" +
            deployment::nginx_location(place.settings, deployment::Location::websockets)
    );
}

Finding judge_round_trip(const RoundTrip& trip, const char* way) {
    if (trip.trouble.empty()) {
        return ok(
            "round trip",
            std::string("a signed event arrives, ") + way + ", subscription included (" +
                std::to_string(trip.latency.count()) + " ms)"
        );
    }
    return error(
        "round trip",
        std::string("no event arrives, ") + way + ": " + first_line(trip.trouble),
        "What Laravel publishes does not reach its clients.",
        "Do Laravel (REVERB_HOST) and clients (VITE_REVERB_HOST) talk to the same server? "
        "Several servers are one only with REVERB_SCALING_ENABLED=true; fanfare nodes shows them"
    );
}

}  // namespace fanfare::doctor
