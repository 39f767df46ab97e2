// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::cluster::reverb {

/// Where clients of an app connect to (REVERB_HOST, REVERB_PORT, REVERB_SCHEME with their
/// defaults); without a host it is not known.
struct PublicAddress {
    std::string host;
    std::uint16_t port = 443;
    std::string scheme = "https";
};

/// An app in the form in which every message carries it, its secret included: never log it. Built
/// once per app, a value.
class ApplicationText {
public:
    /// All 11 properties of Reverb's class; a node of Reverb ends at one of a wrong type. Nothing
    /// if a setting is no valid UTF-8: JSON could not carry it.
    [[nodiscard]] static std::optional<ApplicationText> of(
        const config::AppSettings& app, const PublicAddress& address
    );

    /// What PHP's serialize() gives.
    [[nodiscard]] const std::string& serialized() const { return serialized_; }

    /// The same as a JSON string with its quotes.
    [[nodiscard]] const std::string& quoted() const { return quoted_; }

private:
    explicit ApplicationText(std::string serialized);

    std::string serialized_;
    std::string quoted_;
};

/// The id of a serialised app, the only thing in it that a receiver uses; nothing if it is no app
/// or has none.
[[nodiscard]] std::optional<std::string> application_id(std::string_view serialized);

}  // namespace fanfare::cluster::reverb
