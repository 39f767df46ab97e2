// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"
#include "fanfare/probe/target.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::doctor {

using Time = std::chrono::system_clock::time_point;

/// A certificate of the configuration.
struct CertificateFile {
    std::string file;
    std::optional<probe::Certificate> certificate;  ///< nothing if it cannot be read
};

/// `host`: that of the public address, or empty.
[[nodiscard]] std::vector<CertificateFile> read_certificates(
    const config::TlsSettings& tls, const std::string& host
);

/// One of them has to be for the host, if there is one.
[[nodiscard]] Findings judge_certificate_files(
    const std::vector<CertificateFile>& files, const std::string& host, Time now
);

/// The one that is shown at an address.
[[nodiscard]] Findings judge_shown_certificate(
    const probe::Certificate& certificate, const std::string& host, Time now
);

}  // namespace fanfare::doctor
