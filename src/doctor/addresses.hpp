// SPDX-License-Identifier: MIT
#pragma once

#include "laravel.hpp"

#include "fanfare/config/settings.hpp"
#include "fanfare/probe/target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::doctor {

/// Where somebody expects the server.
struct Address {
    bool is_encrypted = false;
    std::string host;
    std::uint16_t port = 0;
    std::string path;    ///< prefix: empty, or `/prefix`
    std::string source;  ///< who says so

    [[nodiscard]] std::string url() const;
    [[nodiscard]] probe::Target target() const;

    /// Whether it is the same for those who ask there.
    [[nodiscard]] bool is_like(const Address& other) const;
};

/// `http[s]://host[:port][/path]`, or with `ws[s]`.
[[nodiscard]] std::optional<Address> parse_address(std::string_view url);

/// The host of a text that becomes a part of a URL as it is, so an IPv6 address has brackets there.
/// Nothing if nobody can connect to it: a URL, or `0.0.0.0`.
[[nodiscard]] std::optional<std::string> parse_host(std::string_view text);

/// Whether it would be one with brackets.
[[nodiscard]] bool lacks_brackets(const std::string& text);

/// A port from 1 to 65535.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);

/// The two sides of the server. What cannot be known, or is wrong, is not there.
struct Addresses {
    std::optional<Address> publishing;  ///< Laravel posts there, to `/apps/…`
    std::optional<Address> browsing;    ///< clients connect there, to `/app/…`
};

/// What `--public` says; else what the app's variables say; else the server's host name.
[[nodiscard]] Addresses addresses_of(
    const Laravel& laravel,
    const config::ServerSettings& server,
    const std::optional<std::string>& public_url
);

}  // namespace fanfare::doctor
