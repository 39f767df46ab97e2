// SPDX-License-Identifier: MIT
#pragma once

#include "reverb/application.hpp"

#include "fanfare/config/settings.hpp"

#include <string>
#include <string_view>

namespace fanfare::cluster::reverb {

/// The app of the examples in protocol.md 10.2.
inline config::AppSettings lab_settings() {
    config::AppSettings settings;
    settings.id = "lab-app";
    settings.key = "lab-key";
    settings.secret = "lab-secret";
    return settings;
}

inline ApplicationText lab_app() {
    return *ApplicationText::of(lab_settings(), {});
}

/// A text with its `%` as zero bytes.
inline std::string with_zero_bytes(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c == '%') c = '\0';
    }
    return result;
}

}  // namespace fanfare::cluster::reverb
