// SPDX-License-Identifier: MIT
#include "fanfare/transport/proxy_header.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace fanfare::transport {
namespace {

using Status = ProxyHeader::Status;
using namespace std::string_literals;

constexpr char local = 0x20;
constexpr char proxy = 0x21;
constexpr char tcp_over_ipv4 = 0x11;
constexpr char tcp_over_ipv6 = 0x21;

const std::string ipv4_addresses = "\xc0\x00\x02\x01\x0a\x00\x00\x01\x1f\x90\x01\xbb"s;
const std::string ipv6_addresses = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s +
                                   std::string(15, '\0') + "\x02\x1f\x90\x01\xbb"s;

/// A header of version 2.
std::string binary(char command, char family, const std::string& payload) {
    std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
    header += {command, family};
    header += {static_cast<char>(payload.size() >> 8U), static_cast<char>(payload.size() & 0xffU)};
    return header + payload;
}

std::string source_of(const ProxyHeader& header) {
    return header.source ? header.source->to_string() : "none";
}

/// It is complete only as a whole, whatever follows it, and says `source`.
void expect_header(const std::string& bytes, const std::string& source) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(ProxyHeader::parse(bytes.substr(0, size)).status, Status::need_more) << size;
    }
    for (const std::string& more : {""s, "GET / HTTP/1.1\r\n\r\n"s, "PROXY TCP4 1.1.1.1"s}) {
        const ProxyHeader header = ProxyHeader::parse(bytes + more);
        EXPECT_EQ(header.status, Status::complete) << bytes;
        EXPECT_EQ(header.size, bytes.size());
        EXPECT_EQ(source_of(header), source);
    }
}

void expect_malformed(const std::string& bytes) {
    EXPECT_EQ(ProxyHeader::parse(bytes).status, Status::malformed) << bytes;
}

TEST(ProxyHeader, version_1_names_the_client) {
    expect_header("PROXY TCP4 192.0.2.1 10.0.0.1 8080 443\r\n", "192.0.2.1");
    expect_header("PROXY TCP6 2001:db8::1 2001:db8::2 8080 443\r\n", "2001:db8::1");
    expect_header("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 65535\r\n", "192.0.2.1");
}

TEST(ProxyHeader, version_1_may_not_know_the_client) {
    expect_header("PROXY UNKNOWN\r\n", "none");
    expect_header("PROXY UNKNOWN 192.0.2.1 10.0.0.1 8080 443\r\n", "none");
    expect_header("PROXY UNKNOWN" + std::string(92, ' ') + "\r\n", "none");
}

TEST(ProxyHeader, version_1_has_one_form_only) {
    for (const char* rest :
         {"",
          "TCP4",
          "TCP4 192.0.2.1",
          "TCP4 192.0.2.1 10.0.0.1 8080",
          "TCP4 192.0.2.1 10.0.0.1 8080 443 ",
          "TCP4 192.0.2.1 10.0.0.1 8080 443 1",
          "TCP4  192.0.2.1 10.0.0.1 8080 443",
          "TCP4 192.0.2.1 10.0.0.1 8080 65536",
          "TCP4 192.0.2.1 10.0.0.1 -1 443",
          "TCP4 192.0.2.1 10.0.0.1 8080 443x",
          "TCP4 2001:db8::1 2001:db8::2 8080 443",
          "TCP6 192.0.2.1 10.0.0.1 8080 443",
          "TCP4 192.0.2.256 10.0.0.1 8080 443",
          "TCP4 192.0.2.1 nowhere 8080 443",
          "TCP5 192.0.2.1 10.0.0.1 8080 443",
          "tcp4 192.0.2.1 10.0.0.1 8080 443",
          "UDP4 192.0.2.1 10.0.0.1 8080 443"}) {
        expect_malformed("PROXY "s + rest + "\r\n");
    }
}

TEST(ProxyHeader, version_1_ends_within_107_bytes) {
    const std::string begin = "PROXY UNKNOWN ";
    EXPECT_EQ(
        ProxyHeader::parse(begin + std::string(106 - begin.size(), 'x')).status, Status::need_more
    );
    expect_malformed(begin + std::string(107 - begin.size(), 'x'));
    expect_malformed(begin + std::string(106 - begin.size(), 'x') + "\r\n");
}

TEST(ProxyHeader, version_2_names_the_client) {
    expect_header(binary(proxy, tcp_over_ipv4, ipv4_addresses), "192.0.2.1");
    expect_header(binary(proxy, tcp_over_ipv6, ipv6_addresses), "2001:db8::1");
}

TEST(ProxyHeader, version_2_may_speak_for_the_proxy_itself) {
    expect_header(binary(local, 0, ""), "none");
    expect_header(binary(local, tcp_over_ipv4, ipv4_addresses), "none");
}

TEST(ProxyHeader, version_2_may_have_addresses_of_another_kind) {
    expect_header(binary(proxy, 0, ""), "none");
    expect_header(binary(proxy, 0x31, std::string(216, 'u')), "none");
    expect_header(binary(proxy, 0x41, "?"), "none");
}

TEST(ProxyHeader, version_2_skips_extensions) {
    const std::string extension = "\x04\x00\x03xyz"s;
    expect_header(binary(proxy, tcp_over_ipv4, ipv4_addresses + extension), "192.0.2.1");
    expect_header(binary(proxy, tcp_over_ipv6, ipv6_addresses + extension), "2001:db8::1");
}

TEST(ProxyHeader, version_2_is_refused_if_it_is_short_or_unknown) {
    expect_malformed(binary(proxy, tcp_over_ipv4, ipv4_addresses.substr(1)));
    expect_malformed(binary(proxy, tcp_over_ipv6, ipv6_addresses.substr(1)));
    expect_malformed(binary(0x22, tcp_over_ipv4, ipv4_addresses));
    expect_malformed(binary(0x11, tcp_over_ipv4, ipv4_addresses));
    expect_malformed(binary(0x31, tcp_over_ipv4, ipv4_addresses));
}

TEST(ProxyHeader, version_2_is_refused_before_it_has_come_if_it_is_large) {
    const std::string large = binary(proxy, 0, std::string(4'097, 'x'));
    expect_malformed(large.substr(0, 16));
    const std::string allowed = binary(proxy, 0, std::string(4'096, 'x'));
    EXPECT_EQ(ProxyHeader::parse(allowed).size, allowed.size());
}

TEST(ProxyHeader, nothing_else_is_a_header) {
    for (const std::string& bytes :
         {"GET / HTTP/1.1\r\n\r\n"s,
          "P "s,
          "PROXY\r\n"s,
          "proxy TCP4"s,
          "\n"s,
          "\r\n\r\nGET /"s,
          "\r\n\r\n\0\r\nQUIT\r"s,
          "\x16\x03\x01"s}) {
        expect_malformed(bytes);
    }
}

}  // namespace
}  // namespace fanfare::transport
