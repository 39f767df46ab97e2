// SPDX-License-Identifier: MIT
#pragma once

#include "support/socket_world.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::transport::testing {

/// The client's end of a TLS connection, which moves only as far as the test lets it.
class TlsClient {
public:
    TlsClient(SocketWorld& world, FarEnd far_end) : world_(world), far_end_(std::move(far_end)) {
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
        // SSL_set_tlsext_host_name, without its cast.
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name_.data());
    }

    /// The first message of the handshake, to be sent by write_raw.
    std::string take_hello() {
        SSL_do_handshake(ssl_.get());
        return take_output();
    }

    /// The plain bytes that have come when nothing more happens.
    std::string say(std::string_view bytes) {
        std::string plain;
        bool is_written = bytes.empty();
        do {
            if (!is_written) {
                is_written =
                    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
            } else {
                read_plain(plain);
            }
        } while (exchange() || (!is_written && SSL_is_init_finished(ssl_.get())));
        read_plain(plain);
        return plain;
    }

    /// Sends what TLS has to send, in pieces, and takes what has come. Whether anything moved.
    bool exchange() {
        bool has_moved = false;
        const std::string out = take_output();
        for (std::size_t at = 0; at < out.size(); at += piece) {
            far_end_.write(std::string_view(out).substr(at, piece));
            world_.poll();
            has_moved = true;
        }
        world_.poll();
        for (std::string in = far_end_.read_once(read_size); !in.empty();
             in = far_end_.read_once(read_size)) {
            BIO_write(SSL_get_rbio(ssl_.get()), in.data(), static_cast<int>(in.size()));
            world_.poll();
            has_moved = true;
        }
        return has_moved;
    }

    /// Bytes beside TLS.
    void write_raw(std::string_view bytes) {
        far_end_.write(bytes);
        world_.poll();
    }

    [[nodiscard]] bool has_farewell() const {
        return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }

    std::size_t piece = SIZE_MAX;    // of what is sent
    std::size_t read_size = 65'536;  // of one read

private:
    void read_plain(std::string& plain) {
        std::array<char, 16'384> buffer{};
        for (int count = 0;
             (count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
            plain.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

    std::string take_output() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_.get())), '\0');
        if (!bytes.empty()) {
            BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        }
        return bytes;
    }

    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    std::string name_ = "localhost";
    SocketWorld& world_;
    FarEnd far_end_;
    std::unique_ptr<SSL_CTX, Free> context_{SSL_CTX_new(TLS_client_method())};
    std::unique_ptr<SSL, Free> ssl_{SSL_new(context_.get())};
};

}  // namespace fanfare::transport::testing
