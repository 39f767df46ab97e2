// SPDX-License-Identifier: MIT
#pragma once

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace fanfare::probe {

/// Who is asked.
struct Target {
    std::string host;  ///< a name or an address
    std::uint16_t port = 0;
    bool is_encrypted = false;
    std::string preamble;  ///< in front of everything: the header of the PROXY protocol

    /// As it stands in the Host header.
    [[nodiscard]] std::string authority() const;
};

/// How far one got.
enum class Stage {
    resolve,  ///< the name has no address
    connect,  ///< nobody is there
    tls,      ///< TLS cannot be agreed on
    answer,   ///< there is no answer, or none that can be understood
};

class Failure : public std::runtime_error {
public:
    Failure(Stage stage, const boost::system::error_code& error)
        : std::runtime_error(error.message()), stage_(stage) {}

    [[nodiscard]] Stage stage() const { return stage_; }

private:
    Stage stage_;
};

/// A certificate, as far as one looks at it. Whoever shows it, shows it for a host.
struct Certificate {
    std::string subject;
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
    std::string names;         ///< that it is for, as a list for people
    bool is_for_host = false;  ///< whether that host is one of them
    bool is_self_signed = false;
    std::string distrust;  ///< why the system's authorities do not vouch for it; empty if they do
};

/// The first certificate of a PEM file, which nobody is asked to vouch for; nothing if there is
/// none. `host` may be empty.
[[nodiscard]] std::optional<Certificate> read_certificate(
    const std::string& file, const std::string& host
);

}  // namespace fanfare::probe
