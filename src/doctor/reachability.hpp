// SPDX-License-Identifier: MIT
#pragma once

#include "addresses.hpp"
#include "visit.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

namespace fanfare::doctor {

/// Where one has knocked.
struct Place {
    const char* area = "";
    Address address;
    bool is_direct = false;  ///< the server's own address, with nothing in between
    const config::Settings& settings;
};

/// Did `/app/{key}` become a connected client?
[[nodiscard]] Finding judge_handshake(const Visit& visit, const Place& place);

/// Did `/apps/{id}/channels` give the list?
[[nodiscard]] Finding judge_api(const Visit& visit, const Place& place);

/// Is there a server on this machine, and is it ready? `up` and `ready` are the pages of these
/// names. `is_reached` elsewhere: then it may well run on another machine.
[[nodiscard]] Findings judge_presence(
    const Visit& up, const Visit& ready, const Place& place, bool is_reached
);

/// Whether there is a Fanfare, or a Reverb.
[[nodiscard]] bool is_up(const Visit& up);

[[nodiscard]] Finding judge_round_trip(const RoundTrip& trip, const char* way);

}  // namespace fanfare::doctor
