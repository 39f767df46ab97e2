// SPDX-License-Identifier: MIT
#include "certificates.hpp"

#include "laravel_app.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;

const Time now = std::chrono::system_clock::from_time_t(1'800'000'000);
const auto all_well = Each(Field(&Finding::severity, Severity::ok));

probe::Certificate good() {
    probe::Certificate certificate;
    certificate.not_before = now - 24h * 30;
    certificate.not_after = now + 24h * 60;
    certificate.names = "DNS:ws.shop.test";
    certificate.is_for_host = true;
    return certificate;
}

Findings shown(const probe::Certificate& certificate) {
    return judge_shown_certificate(certificate, "ws.shop.test", now);
}

TEST(ShownCertificate, is_good_while_it_lasts) {
    probe::Certificate certificate = good();
    EXPECT_THAT(shown(certificate), all_well);
    certificate.not_after = now + 24h * 14;
    EXPECT_THAT(shown(certificate), all_well);
    certificate.not_after = now + 24h * 14 - 1s;
    EXPECT_THAT(only(shown(certificate)), Says(Severity::warning, "in 13 days", "certbot renew"));
    certificate.not_after = now;
    EXPECT_THAT(
        only(shown(certificate)), Says(Severity::error, "has expired on 2027-01-15", "certbot")
    );
    certificate.not_after = now + 24h;
    certificate.not_before = now + 1h;
    EXPECT_THAT(only(shown(certificate)), Says(Severity::error, "is valid from", "timedatectl"));
}

TEST(ShownCertificate, is_for_the_host) {
    probe::Certificate certificate = good();
    certificate.is_for_host = false;
    certificate.names = "DNS:shop.test";
    EXPECT_THAT(
        shown(certificate),
        Contains(Says(Severity::error, "(DNS:shop.test) is not for ws.shop.test", "server_name"))
    );
}

TEST(ShownCertificate, has_somebody_to_vouch_for_it) {
    probe::Certificate certificate = good();
    certificate.distrust = "unable to get local issuer certificate";
    EXPECT_THAT(
        shown(certificate),
        Contains(Says(Severity::warning, "unable to get local issuer", "fullchain.pem"))
    );
    certificate.is_self_signed = true;
    EXPECT_THAT(
        shown(certificate), Contains(Says(Severity::warning, "signed by itself", "certbot"))
    );
    certificate.not_after = now;  // nobody vouches for one that has expired; once is enough
    EXPECT_EQ(shown(certificate).size(), 1U);
}

TEST(CertificateFiles, one_of_them_is_for_the_host) {
    probe::Certificate other = good();
    other.is_for_host = false;
    EXPECT_THAT(
        judge_certificate_files({{"/a.pem", other}, {"/b.pem", good()}}, "ws.shop.test", now),
        all_well
    );
    EXPECT_THAT(judge_certificate_files({{"/a.pem", other}}, "", now), all_well);
    EXPECT_THAT(
        judge_certificate_files({{"/a.pem", other}}, "ws.shop.test", now),
        Contains(Says(Severity::error, "/a.pem", "certbot certonly -d ws.shop.test"))
    );
    EXPECT_TRUE(judge_certificate_files({{"/none.pem", std::nullopt}}, "ws.shop.test", now).empty()
    );
    EXPECT_TRUE(judge_certificate_files({}, "ws.shop.test", now).empty());
}

TEST(CertificateFiles, are_read_as_they_are) {
    const fanfare::testing::Certificates made;
    made.sign("one", "DNS:*.shop.test,IP:127.0.0.1");
    const auto read = [&made](const std::string& host) {
        config::TlsSettings tls;
        tls.certificate_file = made.certificate("one");
        tls.more_certificates = {made.authority() + ":" + made.key("authority")};
        return read_certificates(tls, host);
    };
    const auto files = read("ws.shop.test");
    ASSERT_EQ(files.size(), 2U);
    ASSERT_TRUE(files[0].certificate && files[1].certificate);
    EXPECT_TRUE(files[0].certificate->is_for_host);
    EXPECT_FALSE(files[0].certificate->is_self_signed);
    EXPECT_EQ(files[0].certificate->names, "DNS:*.shop.test, IP Address:127.0.0.1");
    EXPECT_GT(files[0].certificate->not_after, std::chrono::system_clock::now());
    EXPECT_LE(files[0].certificate->not_before, std::chrono::system_clock::now());
    EXPECT_TRUE(files[1].certificate->is_self_signed);
    EXPECT_TRUE(read("127.0.0.1")[0].certificate->is_for_host);
    EXPECT_FALSE(read("shop.test")[0].certificate->is_for_host);
    EXPECT_FALSE(read("")[0].certificate->is_for_host);
}

}  // namespace

}  // namespace fanfare::doctor
