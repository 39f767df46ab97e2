// SPDX-License-Identifier: MIT
#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace fanfare::probe {

namespace {

template <auto free>
struct Free {
    template <typename T>
    void operator()(T* owned) const {
        free(owned);
    }
};

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

/// As `openssl x509` prints it: `DNS:ws.example.com, IP Address:10.0.0.1`.
std::string names_of(X509* certificate) {
    const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    if (at < 0) return "no name";
    const std::unique_ptr<BIO, Free<BIO_free_all>> out(BIO_new(BIO_s_mem()));
    X509V3_EXT_print(out.get(), X509_get_ext(certificate, at), 0, 0);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string text_of(const X509_NAME* name) {
    const std::unique_ptr<BIO, Free<BIO_free_all>> out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Certificate describe(X509* certificate, const std::string& host) {
    Certificate described;
    described.subject = text_of(X509_get_subject_name(certificate));
    described.not_before = time_of(X509_get0_notBefore(certificate));
    described.not_after = time_of(X509_get0_notAfter(certificate));
    described.names = names_of(certificate);
    described.is_for_host =
        X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1 ||
        X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
    described.is_self_signed = X509_self_signed(certificate, 0) == 1;
    return described;
}

std::optional<Certificate> read_certificate(const std::string& file, const std::string& host) {
    const std::unique_ptr<std::FILE, Free<std::fclose>> in(std::fopen(file.c_str(), "r"));
    if (!in) return std::nullopt;
    const std::unique_ptr<X509, Free<X509_free>> certificate(
        PEM_read_X509(in.get(), nullptr, nullptr, nullptr)
    );
    if (!certificate) return std::nullopt;
    return describe(certificate.get(), host);
}

}  // namespace fanfare::probe
