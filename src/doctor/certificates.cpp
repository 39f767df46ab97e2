// SPDX-License-Identifier: MIT
#include "certificates.hpp"

#include "findings.hpp"

#include "fanfare/config/error.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "certificates";
constexpr std::chrono::hours day{24};
constexpr int days_of_grace = 14;

std::string date_of(Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return {text.data(), size};
}

/// `whose` it is, for people.
Finding judge_time(const probe::Certificate& certificate, const std::string& whose, Time now) {
    const std::string renew =
        "certbot renew (or your own authority), where the files are: the server reads them again "
        "by "
        "itself, nginx after nginx -s reload";
    if (now >= certificate.not_after) {
        return error(
            area,
            whose + " has expired on " + date_of(certificate.not_after),
            "Browsers and Laravel refuse the connection.",
            renew
        );
    }
    if (now < certificate.not_before) {
        return error(
            area,
            whose + " is valid from " + date_of(certificate.not_before) + " only",
            "Browsers and Laravel refuse the connection until then.",
            "Set this machine's clock if it is slow (timedatectl), or get another certificate"
        );
    }
    const auto days = (certificate.not_after - now) / day;
    const std::string left = std::to_string(days) + (days == 1 ? " day" : " days");
    if (days < days_of_grace) {
        return warning(
            area,
            whose + " expires in " + left + ", on " + date_of(certificate.not_after),
            "It ought to have been renewed by now; then everybody is refused.",
            renew + "; certbot certificates and systemctl list-timers show whether it is automatic"
        );
    }
    return ok(area, whose + " is valid for " + left);
}

Finding wrong_name(const std::string& whose, const std::string& host, const std::string& fix) {
    return error(
        area,
        whose + " is not for " + config::printable(host),
        "Browsers and Laravel refuse a certificate with another name.",
        fix
    );
}

}  // namespace

std::vector<CertificateFile> read_certificates(
    const config::TlsSettings& tls, const std::string& host
) {
    std::vector<std::string> names;
    if (!tls.certificate_file.empty()) names.push_back(tls.certificate_file);
    for (const std::string& pair : tls.more_certificates) {
        names.push_back(pair.substr(0, pair.find(':')));
    }
    std::vector<CertificateFile> files;
    for (const std::string& name : names) {
        files.push_back({name, probe::read_certificate(name, host)});
    }
    return files;
}

Findings judge_certificate_files(
    const std::vector<CertificateFile>& files, const std::string& host, Time now
) {
    Findings findings;
    for (const CertificateFile& file : files) {
        // That it cannot be read is said of the configuration.
        if (file.certificate) findings.push_back(judge_time(*file.certificate, file.file, now));
    }
    const bool is_known = std::any_of(files.begin(), files.end(), [](const CertificateFile& file) {
        return file.certificate && file.certificate->is_for_host;
    });
    if (files.empty() || !files.front().certificate || host.empty() || is_known) return findings;
    const probe::Certificate& first = *files.front().certificate;
    findings.push_back(wrong_name(
        files.front().file + " (" + first.names + ")",
        host,
        "A certificate with this name: certbot certonly -d " + host +
            "; or add it to server.tls_more_certificates"
    ));
    return findings;
}

Findings judge_shown_certificate(
    const probe::Certificate& certificate, const std::string& host, Time now
) {
    const std::string whose = "the certificate that " + config::printable(host) + " shows";
    Findings findings{judge_time(certificate, whose, now)};
    if (!certificate.is_for_host) {
        findings.push_back(wrong_name(
            whose + " (" + certificate.names + ")",
            host,
            "A certificate with this name (certbot certonly -d " + host +
                "), and ssl_certificate of the site that has server_name " + host
        ));
    }
    const bool is_expired = now >= certificate.not_after || now < certificate.not_before;
    if (certificate.distrust.empty() || is_expired) return findings;
    if (certificate.is_self_signed) {
        findings.push_back(warning(
            area,
            whose + " is signed by itself",
            "Browsers refuse wss:// without a word, and Laravel fails with cURL error 60, unless "
            "both are told to trust it.",
            "A certificate of an authority (certbot certonly -d " + host +
                "); for development, mkcert, whose authority your browser trusts"
        ));
    } else {
        findings.push_back(warning(
            area,
            "nobody vouches for " + whose + ": " + certificate.distrust,
            "Laravel (cURL error 60) and many clients refuse it, even if a browser knows the way.",
            "Send the chain too: ssl_certificate, or server.tls_certificate_file, is fullchain.pem "
            "and not cert.pem; for an authority of your own: update-ca-certificates"
        ));
    }
    return findings;
}

}  // namespace fanfare::doctor
