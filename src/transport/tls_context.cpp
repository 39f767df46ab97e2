// SPDX-License-Identifier: MIT
#include "fanfare/transport/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace fanfare::transport {

namespace {

/// The first reason that OpenSSL has queued; none is left behind.
std::string take_reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    if (reason != nullptr) return reason;
    if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
    return "unknown reason";
}

[[noreturn]] void refuse(const std::string& file, const std::string& expected) {
    throw std::runtime_error(file + ": " + take_reason() + "; expected " + expected);
}

/// With forward secrecy and authenticated encryption; those of TLS 1.3 have both.
constexpr const char* ciphers_of_tls_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// A passphrase cannot be asked for.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered, unsigned offered_length, void*) {
    static constexpr std::array<unsigned char, 9> http{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    const int result =
        SSL_select_next_proto(&found, length, http.data(), http.size(), offered, offered_length);
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options) : first_(make(options, options.files)) {
    for (const TlsFiles& files : options.more) more_.push_back(make(options, files));
    // What the macro for it does, but for a cast that hides mistakes.
    SSL_CTX_callback_ctrl(
        first_.get(),
        SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
        reinterpret_cast<void (*)()>(&TlsContext::choose)
    );
    SSL_CTX_set_tlsext_servername_arg(first_.get(), this);
}

TlsContext::~TlsContext() = default;

TlsContext::Context TlsContext::make(const TlsOptions& options, const TlsFiles& files) {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* ctx = context.get();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(ctx, ciphers_of_tls_1_2);
    SSL_CTX_set_options(
        ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    // An idle connection keeps no buffers, and one read takes all that has come.
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    // Clients resume by ticket; a cache would grow with them.
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 1);
    static constexpr unsigned char id[] = "fanfare";
    SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);

    if (SSL_CTX_use_certificate_chain_file(ctx, files.certificate.c_str()) != 1) {
        refuse(files.certificate, "certificates in PEM");
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        refuse(
            files.key, "the private key of " + files.certificate + " in PEM, without passphrase"
        );
    }
    if (options.client_ca_file.empty()) return context;
    const char* authorities = options.client_ca_file.c_str();
    if (SSL_CTX_load_verify_locations(ctx, authorities, nullptr) != 1) {
        refuse(options.client_ca_file, "certificates in PEM");
    }
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(authorities));
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return context;
}

/// By the name that the client asks for. A name that no certificate has gets the first, whose
/// mismatch the client can then show.
int TlsContext::choose(SSL* ssl, int* /*alert*/, void* self) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const auto fits = [name](const Context& context) {
        X509* certificate = SSL_CTX_get0_certificate(context.get());
        return X509_check_host(certificate, name, 0, 0, nullptr) == 1;
    };
    const auto& contexts = *static_cast<const TlsContext*>(self);
    if (fits(contexts.first_)) return SSL_TLSEXT_ERR_OK;
    for (const Context& context : contexts.more_) {
        if (!fits(context)) continue;
        SSL_set_SSL_CTX(ssl, context.get());
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace fanfare::transport
