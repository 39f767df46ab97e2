// SPDX-License-Identifier: MIT
#include "tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace fanfare::redis {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

void check(const error_code& error, const std::string& what) {
    if (error) throw std::runtime_error("cannot use " + what + ": " + error.message());
}

void load_authorities(ssl::context& context, const std::string& file) {
    error_code error;
    if (file.empty()) {
        context.set_default_verify_paths(error);
        check(error, "the system's certificates");
    } else {
        context.load_verify_file(file, error);
        check(error, file);
    }
}

}  // namespace

ssl::context make_tls_context(const TlsOptions& options) {
    ssl::context context(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (options.verify) load_authorities(context, options.ca_file);
    context.set_verify_mode(options.verify ? ssl::verify_peer : ssl::verify_none);
    error_code error;
    if (!options.certificate_file.empty()) {
        context.use_certificate_chain_file(options.certificate_file, error);
        check(error, options.certificate_file);
    }
    if (!options.key_file.empty()) {
        context.use_private_key_file(options.key_file, ssl::context::pem, error);
        check(error, options.key_file);
    }
    return context;
}

void expect_name(SSL& connection, const std::string& name, bool verify) {
    error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    // RFC 6066 section 3: an address is not sent as a server name.
    if (not_an_address) {
        std::string server_name = name;
        SSL_ctrl(  // SSL_set_tlsext_host_name, without its cast
            &connection,
            SSL_CTRL_SET_TLSEXT_HOSTNAME,
            TLSEXT_NAMETYPE_host_name,
            server_name.data()
        );
    }
    if (!verify) return;
    X509_VERIFY_PARAM* expected = SSL_get0_param(&connection);
    if (not_an_address) {
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str());
    }
}

std::string handshake_failure(const SSL& connection, const error_code& error) {
    std::string reason = "TLS handshake failed: " + error.message();
    const long verdict = SSL_get_verify_result(&connection);
    if (verdict != X509_V_OK) {
        reason += std::string(": ") + X509_verify_cert_error_string(verdict);
    }
    return reason;
}

}  // namespace fanfare::redis
