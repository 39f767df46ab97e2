// SPDX-License-Identifier: MIT
#pragma once

#include "addresses.hpp"
#include "clocks.hpp"
#include "visit.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/doctor.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fanfare::doctor {

/// What came of visiting an address.
struct Side {
    Address address;
    std::optional<Knock> client;
    std::optional<Visit> api;
    bool takes_clients = false;
    bool takes_events = false;
};

/// One examination, from the configuration to an event that arrives: asks, and has what it hears
/// judged. Used once.
class Examination {
public:
    explicit Examination(const Patient& patient) : patient_(patient) {}

    [[nodiscard]] Findings run();

private:
    [[nodiscard]] bool load();
    [[nodiscard]] bool read_app();
    void look_at_laravel();
    void look_at_apps();
    void look_at_names();
    void look_at_certificates();
    void look_at_redis();

    void visit();
    void visit_server();
    void visit_public();
    void judge_own();
    void judge_public();
    void judge_shown(const Side& side);
    void go_round();

    [[nodiscard]] bool is_server_s(const Address& address) const;
    [[nodiscard]] std::string origin() const;
    [[nodiscard]] bool is_reached_publicly() const;

    const Patient& patient_;
    config::Settings settings_;
    Laravel laravel_;
    bool has_laravel_ = false;
    Addresses addresses_;
    std::optional<Credentials> app_;
    std::vector<std::string> allowed_origins_;

    Visit up_;
    Visit ready_;
    Side own_;                        ///< the server itself
    std::optional<Side> browsing_;    ///< where clients connect, if that is elsewhere
    std::optional<Side> publishing_;  ///< where Laravel publishes, if that is elsewhere
    std::vector<ClockReading> clocks_;
    Findings findings_;
};

}  // namespace fanfare::doctor
