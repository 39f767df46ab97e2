// SPDX-License-Identifier: MIT
#include "fanfare/redis/client.hpp"

#include "client_impl.hpp"

#include <boost/container/small_vector.hpp>
#include <openssl/evp.h>

#include <array>
#include <new>
#include <utility>

namespace fanfare::redis {

namespace {

/// As Redis names scripts.
std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4U];
        hex += digits[digest[i] & 15U];
    }
    return hex;
}

std::span<Script> hashed(std::span<Script> scripts) {
    for (Script& script : scripts) script.sha1 = sha1_hex(script.body);
    return scripts;
}

}  // namespace

Client::Client(
    boost::asio::io_context& context,
    Options options,
    std::span<Script> scripts,
    spdlog::logger& log,
    ClientEvents& events
)
    : impl_(std::make_shared<Impl>(context, std::move(options), hashed(scripts), log, events)) {}

Client::~Client() {
    stop();
}

void Client::start() {
    impl_->start();
}

void Client::stop() {
    impl_->stop();
}

bool Client::is_up() const {
    return impl_->is_up();
}

void Client::command(std::string_view key, std::span<const std::string_view> arguments, Done done) {
    if (is_up()) impl_->link_of(key).commands().command(arguments, std::move(done));
}

void Client::run(
    const Script& script,
    std::span<const std::string_view> keys,
    std::span<const std::string_view> arguments,
    Done done
) {
    const std::string key_count = std::to_string(keys.size());
    boost::container::small_vector<std::string_view, 16> all{"EVALSHA", script.sha1, key_count};
    all.insert(all.end(), keys.begin(), keys.end());
    all.insert(all.end(), arguments.begin(), arguments.end());
    command(keys.empty() ? std::string_view{} : keys.front(), all, std::move(done));
}

void Client::publish(std::string_view topic, std::string_view payload, Done done) {
    const std::array<std::string_view, 3> arguments{publish_command(), topic, payload};
    command(topic, arguments, std::move(done));
}

void Client::subscribe(std::string_view topic) {
    if (is_up()) impl_->link_of(topic).subscribe(topic);
}

void Client::unsubscribe(std::string_view topic) {
    if (is_up()) impl_->link_of(topic).unsubscribe(topic);
}

void Client::drop(std::string_view reason) {
    impl_->drop(std::string(reason));
}

std::string_view Client::publish_command() const {
    return impl_->is_sharded() ? "SPUBLISH" : "PUBLISH";
}

std::size_t Client::backlog() const {
    return impl_->backlog();
}

void Client::catch_up(std::function<void()> done) {
    if (is_up()) impl_->catch_up(std::move(done));
}

bool Client::is_idle() const {
    return impl_->is_idle();
}

}  // namespace fanfare::redis
