// SPDX-License-Identifier: MIT
#include "peer_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace fanfare::transport {

IpAddress address_of(const sockaddr_storage& peer) {
    if (peer.ss_family == AF_INET) {
        IpAddress::V4Bytes bytes{};
        std::memcpy(
            bytes.data(), &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, bytes.size()
        );
        return IpAddress(bytes);
    }
    IpAddress::V6Bytes bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, bytes.size());
    return IpAddress(bytes);
}

IpAddress peer_address(int fd) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const bool is_known = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    return is_known ? address_of(peer) : IpAddress();
}

}  // namespace fanfare::transport
