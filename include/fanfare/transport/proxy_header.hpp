// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace fanfare::transport {

/// What a proxy that speaks the PROXY protocol (version 1 or 2) sends before the bytes of its
/// client: for whom it speaks. Only from a proxy that is trusted, since anybody can write it.
struct ProxyHeader {
    enum class Status {
        need_more,  ///< so far it may become one
        complete,
        malformed,  ///< neither version, or longer than a header has reason to be
    };

    /// Reads the header at the beginning of `input`. Whatever follows it does not count.
    [[nodiscard]] static ProxyHeader parse(std::string_view input);

    Status status = Status::need_more;
    std::size_t size = 0;             ///< of a complete header
    std::optional<IpAddress> source;  ///< none if the proxy speaks for itself, or for no IP address
};

}  // namespace fanfare::transport
