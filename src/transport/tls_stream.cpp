// SPDX-License-Identifier: MIT
#include "fanfare/transport/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace fanfare::transport {

namespace {

constexpr std::size_t max_write = 65'536;  // of plain bytes at once

/// What OpenSSL writes in the course of one call; the thread's, so that a connection needs none.
std::string& output() {
    thread_local std::string bytes;
    return bytes;
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int fd, std::string_view early)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())), fd_(fd), early_(early) {
    BIO* bio = BIO_new(method());
    if (!ssl_ || bio == nullptr) {
        BIO_free(bio);
        throw std::bad_alloc();
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

const BIO_METHOD* TlsStream::method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fanfare");
        BIO_meth_set_read_ex(method, &TlsStream::on_read);
        BIO_meth_set_write_ex(method, &TlsStream::on_write);
        BIO_meth_set_ctrl(method, &TlsStream::on_control);
        return method;
    }();
    return made;
}

int TlsStream::on_read(BIO* bio, char* data, std::size_t size, std::size_t* count) {
    auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    *count = std::min(size, self.early_.size());
    if (*count != 0) {
        std::memcpy(data, self.early_.data(), *count);
        self.early_.erase(0, *count);
        return 1;
    }
    std::string().swap(self.early_);  // it is not needed again, nor is its memory
    const ssize_t got = ::recv(self.fd_, data, size, MSG_DONTWAIT);
    if (got > 0) {
        *count = static_cast<std::size_t>(got);
        return 1;
    }
    if (got == 0) self.is_at_end_ = true;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        BIO_set_retry_read(bio);
    }
    return 0;
}

int TlsStream::on_write(BIO*, const char* data, std::size_t size, std::size_t* count) {
    output().append(data, size);
    *count = size;
    return 1;
}

long TlsStream::on_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

ssize_t TlsStream::read(std::span<char> buffer) {
    ERR_clear_error();
    errno = 0;
    const int answer = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    const int error = errno;
    const bool is_sent = flush();
    if (!is_sent && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    errno = error;
    return result_of(answer);
}

ssize_t TlsStream::write(std::string_view bytes) {
    if (!flush()) return -1;
    ERR_clear_error();
    errno = 0;
    const auto size = static_cast<int>(std::min(bytes.size(), max_write));
    const ssize_t taken = result_of(SSL_write(ssl_.get(), bytes.data(), size));
    const int error = errno;
    if (!flush() && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    errno = error;
    return taken;
}

/// An answer of OpenSSL as recv or send would give it.
ssize_t TlsStream::result_of(int answer) {
    if (answer > 0) return answer;
    switch (SSL_get_error(ssl_.get(), answer)) {
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            errno = EAGAIN;
            return -1;
        default:
            break;
    }
    // A peer that goes without a word of farewell: as with plain TCP, messages know their end.
    if (is_at_end_) return 0;
    if (errno != 0 && ERR_peek_error() == 0) return -1;
    ERR_clear_error();
    errno = EPROTO;
    return -1;
}

bool TlsStream::flush() {
    std::string& fresh = output();
    // Never in another's way: what was kept goes first.
    std::string_view bytes = unsent_.empty() ? fresh : unsent_.append(fresh);
    int error = 0;
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            error = errno;
            break;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string(bytes).swap(unsent_);  // an assignment would keep the memory of the largest
    fresh.clear();
    errno = error;
    return unsent_.empty();
}

void TlsStream::close() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    (void)flush();
}

}  // namespace fanfare::transport
