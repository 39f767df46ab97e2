// SPDX-License-Identifier: MIT
#include "certificates.hpp"
#include "examination.hpp"
#include "findings.hpp"
#include "names.hpp"
#include "reachability.hpp"

#include "fanfare/server/health.hpp"

#include <chrono>
#include <utility>

namespace fanfare::doctor {

namespace {

constexpr const char* server_area = "server";
constexpr const char* public_area = "public address";

/// Whatever one asks for.
bool is_out_of_reach(const Visit& visit) {
    return visit.trouble && visit.trouble->stage != probe::Stage::answer;
}

}  // namespace

/// First all are asked, since what one says may explain another's silence.
void Examination::visit() {
    const config::ServerSettings& server = settings_.server;
    if (!server.tls.client_ca_file.empty()) {
        findings_.push_back(notice(
            server_area,
            "the server wants certificates of its clients",
            "The examination has none, so neither server nor public address were visited.",
            "fanfare health says whether it is up"
        ));
        return;
    }
    if (server.port == 0) {
        findings_.push_back(notice(
            server_area,
            "the server takes any free port (server.port is 0)",
            "It cannot be found, so it was not visited.",
            "REVERB_SERVER_PORT=8080"
        ));
        return;
    }
    visit_server();
    if (app_) visit_public();
    judge_own();
    judge_public();
    go_round();
}

void Examination::visit_server() {
    const probe::Target target = server::local_target(settings_.server);
    const std::string& path = settings_.server.path;
    up_ = get(target, path + "/up");
    if (!is_up(up_)) return;
    ready_ = get(target, path + "/ready");
    if (!app_) return;
    own_.client = connect(target, path, app_->key, origin());
    own_.api = list_channels(target, path, *app_);
}

void Examination::visit_public() {
    const auto elsewhere = [this](const std::optional<Address>& address) {
        std::optional<Side> side;
        if (address && !is_server_s(*address)) side.emplace().address = *address;
        return side;
    };
    browsing_ = elsewhere(addresses_.browsing);
    publishing_ = elsewhere(addresses_.publishing);
    if (browsing_) {
        const Address& address = browsing_->address;
        browsing_->client = connect(address.target(), address.path, app_->key, origin());
    }
    if (!publishing_) return;
    const Address& address = publishing_->address;
    const bool is_same = browsing_ && browsing_->address.is_like(address);
    if (is_same && is_out_of_reach(browsing_->client->visit)) {
        publishing_.reset();  // once is enough
    } else {
        publishing_->api = list_channels(address.target(), address.path, *app_);
    }
}

/// With TLS the name counts too. The other addresses of this machine may have nobody listening.
bool Examination::is_server_s(const Address& address) const {
    const Address& own = own_.address;
    const bool is_here = address.host == "localhost" && is_loopback_host(own.host);
    return address.is_like(own) || (is_here && !address.is_encrypted && !own.is_encrypted &&
                                    address.port == own.port && address.path == own.path);
}

bool Examination::is_reached_publicly() const {
    const auto answers = [this](const Visit& visit, bool is_client) {
        const Place place{public_area, {}, false, settings_};
        const Finding finding = is_client ? judge_handshake(visit, place) : judge_api(visit, place);
        return finding.severity == Severity::ok;
    };
    return (browsing_ && answers(browsing_->client->visit, true)) ||
           (publishing_ && answers(*publishing_->api, false));
}

void Examination::judge_own() {
    const Place place{server_area, own_.address, true, settings_};
    append(findings_, judge_presence(up_, ready_, place, is_reached_publicly()));
    if (own_.client) {
        findings_.push_back(judge_handshake(own_.client->visit, place));
        own_.takes_clients = own_.client->socket != nullptr;
    }
    if (own_.api) {
        findings_.push_back(judge_api(*own_.api, place));
        own_.takes_events = findings_.back().severity == Severity::ok;
        if (const auto clock = read_clock("the server", *own_.api)) clocks_.push_back(*clock);
    }
}

void Examination::judge_public() {
    if (!addresses_.browsing && !addresses_.publishing) {
        findings_.push_back(notice(
            public_area,
            "is not known",
            "Whether clients and Laravel reach the server has not been examined.",
            "fanfare doctor --public https://ws.example.com, or --laravel /path/to/app"
        ));
        return;
    }
    const auto is_own = [this](const std::optional<Address>& address) {
        return address && is_server_s(*address);
    };
    const bool is_public = is_own(addresses_.browsing) || is_own(addresses_.publishing);
    if (is_public && own_.client) judge_shown(own_);
    if (!browsing_ && !publishing_) return;
    if (!is_up(up_) && !is_reached_publicly()) {
        findings_.push_back(
            notice(public_area, "has not been judged", "There has to be a server first.")
        );
        return;
    }
    if (browsing_) {
        const Place place{public_area, browsing_->address, false, settings_};
        findings_.push_back(judge_handshake(browsing_->client->visit, place));
        browsing_->takes_clients = browsing_->client->socket != nullptr;
        judge_shown(*browsing_);
    }
    if (publishing_) {
        const Place place{public_area, publishing_->address, false, settings_};
        findings_.push_back(judge_api(*publishing_->api, place));
        publishing_->takes_events = findings_.back().severity == Severity::ok;
        const auto clock = read_clock(publishing_->address.host, *publishing_->api);
        if (clock) clocks_.push_back(*clock);
        if (!browsing_ || !browsing_->address.is_like(publishing_->address)) {
            judge_shown(*publishing_);
        }
    }
}

void Examination::judge_shown(const Side& side) {
    const Visit& visit = side.client ? side.client->visit : *side.api;
    if (!visit.certificate) return;
    append(
        findings_,
        judge_shown_certificate(
            *visit.certificate, side.address.host, std::chrono::system_clock::now()
        )
    );
}

/// The way of Laravel and of the browsers, or as much of it as is open.
void Examination::go_round() {
    Side& client = browsing_ && browsing_->takes_clients ? *browsing_ : own_;
    const Side& api = publishing_ && publishing_->takes_events ? *publishing_ : own_;
    if (!client.takes_clients || !api.takes_events) return;
    probe::Target target = api.address.target();
    if (&api == &own_) target = server::local_target(settings_.server);
    const RoundTrip trip = send_round(*client.client, target, api.address.path, *app_);
    const bool is_whole = (!browsing_ || &client != &own_) && (!publishing_ || &api != &own_);
    findings_.push_back(judge_round_trip(
        trip, is_whole ? "the way that Laravel and clients take" : "past the public address"
    ));
}

}  // namespace fanfare::doctor
