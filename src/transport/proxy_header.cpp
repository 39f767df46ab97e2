// SPDX-License-Identifier: MIT
#include "fanfare/transport/proxy_header.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace fanfare::transport {

namespace {

using Status = ProxyHeader::Status;

constexpr std::string_view text_signature = "PROXY ";
constexpr std::size_t max_text_size = 107;  // with its line end, says the specification

constexpr std::string_view binary_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t binary_head_size = 16;
/// Addresses and the extensions behind them, of which a client's certificate is the largest.
constexpr std::size_t max_binary_payload = 4'096;

ProxyHeader malformed() {
    return {Status::malformed, 0, std::nullopt};
}

/// Whether `input`, as far as it goes, begins with `signature`.
bool may_begin_with(std::string_view input, std::string_view signature) {
    const std::size_t size = std::min(input.size(), signature.size());
    return input.substr(0, size) == signature.substr(0, size);
}

/// Cuts off what stands before the next space. A line that ends with a space has an empty word
/// left; without one, all of it is the last word.
std::string_view next_word(std::string_view& line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(std::min(line.size(), space + 1));
    return word;
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stop == end;
}

std::optional<IpAddress> parse_address(std::string_view text, bool is_v6) {
    const bool is_written_as_v6 = text.find(':') != std::string_view::npos;
    return is_written_as_v6 == is_v6 ? IpAddress::parse(text) : std::nullopt;
}

/// `TCP4 source destination port port`, or `UNKNOWN` with anything behind it.
ProxyHeader read_text_line(std::string_view line, std::size_t size) {
    const std::string_view family = next_word(line);
    if (family == "UNKNOWN") return {Status::complete, size, std::nullopt};
    const bool is_v6 = family == "TCP6";
    if (!is_v6 && family != "TCP4") return malformed();
    const auto source = parse_address(next_word(line), is_v6);
    const auto destination = parse_address(next_word(line), is_v6);
    const std::string_view source_port = next_word(line);
    if (!source || !destination || !is_port(source_port) || !is_port(line)) return malformed();
    return {Status::complete, size, source};
}

ProxyHeader parse_text(std::string_view input) {
    const std::size_t end = input.substr(0, max_text_size).find("\r\n");
    if (end == std::string_view::npos) {
        return input.size() < max_text_size ? ProxyHeader{} : malformed();
    }
    return read_text_line(
        input.substr(text_signature.size(), end - text_signature.size()), end + 2
    );
}

template <typename Bytes>
IpAddress address_in(std::string_view payload) {
    Bytes bytes{};
    std::copy_n(payload.begin(), bytes.size(), bytes.begin());
    return IpAddress(bytes);
}

ProxyHeader parse_binary(std::string_view input) {
    if (input.size() < binary_head_size) return {};
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[at]); };
    const unsigned version = byte(12) >> 4U;
    const unsigned command = byte(12) & 0xfU;
    const unsigned family = byte(13) >> 4U;
    const std::size_t length = byte(14) * 256U + byte(15);
    constexpr unsigned local = 0;  // a health check of the proxy, for instance
    constexpr unsigned proxy = 1;
    if (version != 2 || command > proxy || length > max_binary_payload) return malformed();
    const std::size_t size = binary_head_size + length;
    if (input.size() < size) return {};

    const std::string_view payload = input.substr(binary_head_size, length);
    constexpr unsigned ipv4 = 1;
    constexpr unsigned ipv6 = 2;
    // Two addresses and two ports; extensions may follow.
    constexpr std::size_t ipv4_size = 2 * 4 + 2 * 2;
    constexpr std::size_t ipv6_size = 2 * 16 + 2 * 2;
    std::optional<IpAddress> source;
    if (command != local && family == ipv4) {
        if (length < ipv4_size) return malformed();
        source = address_in<IpAddress::V4Bytes>(payload);
    } else if (command != local && family == ipv6) {
        if (length < ipv6_size) return malformed();
        source = address_in<IpAddress::V6Bytes>(payload);
    }
    return {Status::complete, size, source};
}

}  // namespace

ProxyHeader ProxyHeader::parse(std::string_view input) {
    if (may_begin_with(input, binary_signature)) return parse_binary(input);
    if (may_begin_with(input, text_signature)) return parse_text(input);
    return malformed();
}

}  // namespace fanfare::transport
