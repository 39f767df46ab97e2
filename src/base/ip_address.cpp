// SPDX-License-Identifier: MIT
#include "fanfare/base/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace fanfare {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned v4_prefix_bits = 96;

bool is_v6_notation(std::string_view text) {
    return text.find(':') != std::string_view::npos;
}

std::optional<unsigned> parse_prefix(std::string_view text, unsigned longest) {
    unsigned prefix = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, prefix);
    if (error != std::errc{} || stop != end || prefix > longest) return std::nullopt;
    return prefix;
}

}  // namespace

IpAddress::IpAddress(const V4Bytes& bytes) {
    std::ranges::copy(v4_prefix, bytes_.begin());
    std::ranges::copy(bytes, bytes_.begin() + v4_prefix.size());
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton would stop at a zero byte and call what follows it none of its business.
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string terminated(text);
    if (is_v6_notation(text)) {
        V6Bytes bytes{};
        if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
        return IpAddress(bytes);
    }
    V4Bytes bytes{};
    if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
    return IpAddress(bytes);
}

bool IpAddress::is_v4() const {
    return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes_.begin());
}

IpAddress IpAddress::network(unsigned prefix) const {
    IpAddress result = *this;
    for (unsigned i = 0; i < bytes_.size(); ++i) {
        const unsigned kept = prefix <= 8 * i ? 0 : std::min(8U, prefix - 8 * i);
        result.bytes_[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return result;
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4()) {
        ::inet_ntop(AF_INET, bytes_.data() + v4_prefix.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return IpNetwork(*address, IpAddress::bits);
    const unsigned skipped = is_v6_notation(text) ? 0 : v4_prefix_bits;
    const auto prefix = parse_prefix(text.substr(slash + 1), IpAddress::bits - skipped);
    if (!prefix) return std::nullopt;
    return IpNetwork(*address, skipped + *prefix);
}

}  // namespace fanfare

std::size_t std::hash<fanfare::IpAddress>::operator()(const fanfare::IpAddress& address
) const noexcept {
    const auto& bytes = address.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()}
    );
}
