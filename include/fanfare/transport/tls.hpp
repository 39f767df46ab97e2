// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::transport {

struct TlsFiles {
    std::string certificate;  ///< PEM, with the chain behind it
    std::string key;          ///< PEM
};

struct TlsOptions {
    TlsFiles files;
    std::vector<TlsFiles> more;  ///< for further names, chosen by SNI
    std::string client_ca_file;  ///< clients need a certificate of it; empty: they need none
};

/// What the TLS connections of a port have in common. TLS 1.2 and 1.3, no renegotiation, no
/// compression; of the protocols that ALPN offers, HTTP/1.1. Any thread; immutable.
class TlsContext {
public:
    /// Throws std::runtime_error that names the file and what is wrong with it.
    explicit TlsContext(const TlsOptions& options);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// What a new connection begins with.
    [[nodiscard]] SSL_CTX* native() const { return first_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };

    using Context = std::unique_ptr<SSL_CTX, Free>;

    [[nodiscard]] static Context make(const TlsOptions& options, const TlsFiles& files);
    static int choose(SSL* ssl, int* alert, void* self);

    Context first_;
    std::vector<Context> more_;
};

/// The server's end of one TLS connection over a non-blocking socket, with the manners of recv and
/// send. The handshake happens in reads. What OpenSSL has to send is sent at once, and kept here
/// only while the socket is full; idle it holds no buffer.
class TlsStream {
public:
    /// `early`: what was already read of the client's bytes.
    TlsStream(std::shared_ptr<const TlsContext> context, int fd, std::string_view early);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// As recv: 0 is the end, -1 an error in errno, EPROTO one of the protocol.
    [[nodiscard]] ssize_t read(std::span<char> buffer);

    /// As send, of the plain bytes. They have been taken even if has_output() says that their
    /// ciphertext has still to leave.
    [[nodiscard]] ssize_t write(std::string_view bytes);

    /// Whether there is something that the socket did not take so far.
    [[nodiscard]] bool has_output() const { return !unsent_.empty(); }

    [[nodiscard]] std::size_t output_size() const { return unsent_.size(); }

    /// Sends it; true if nothing is left. False with EAGAIN, or what send failed with, in errno.
    [[nodiscard]] bool flush();

    /// Says that nothing more will be written, as far as the socket takes it.
    void close();

private:
    static int on_read(BIO* bio, char* data, std::size_t size, std::size_t* count);
    static int on_write(BIO* bio, const char* data, std::size_t size, std::size_t* count);
    static long on_control(BIO* bio, int command, long number, void* pointer);
    static const BIO_METHOD* method();

    [[nodiscard]] ssize_t result_of(int answer);

    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    std::shared_ptr<const TlsContext> context_;  // which the handshake asks for certificates
    std::unique_ptr<SSL, Free> ssl_;
    int fd_;
    bool is_at_end_ = false;
    std::string early_;   // ciphertext that was read before
    std::string unsent_;  // ciphertext that the socket did not take
};

}  // namespace fanfare::transport
