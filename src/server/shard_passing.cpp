// SPDX-License-Identifier: MIT
// A shard's clients on their way from one process to the next.
#include "shard.hpp"

#include "fanfare/sessions/session.hpp"
#include "fanfare/transport/http_connection.hpp"
#include "fanfare/transport/websocket_connection.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fanfare::server {

using transport::HttpConnection;
using transport::WebSocketConnection;

void Shard::set_phase(Phase phase, std::function<void(bool)> done) {
    boost::asio::post(context_, [this, phase, done = std::move(done)] {
        if (reactor_.phase() != phase) {
            reactor_.set_phase(phase);
            if (phase == Phase::settling) say_goodbye();
            if (phase == Phase::running) {
                for (const auto& listener : listeners_) listener->on_again();
            }
        }
        done(reactor_.is_settled() && mailbox_.size() == 0);
    });
}

/// To those who cannot pass, since their encryption is this process's.
void Shard::say_goodbye() {
    reactor_.for_each([](transport::Connection& connection) {
        auto* const client = dynamic_cast<WebSocketConnection*>(&connection);
        if (client == nullptr || !client->is_encrypted()) return;
        auto* const session = dynamic_cast<sessions::Session*>(client->sink());
        if (session != nullptr) session->subscriber().on_drain();
    });
}

void Shard::stand_still(std::function<void()> still, std::shared_future<void> go_on) {
    boost::asio::post(context_, [still = std::move(still), go_on = std::move(go_on)] {
        still();
        go_on.wait();
    });
}

Snapshot Shard::pass() {
    Snapshot snapshot;
    snapshot.listeners = listening_;
    snapshot.channels = hub_.pass();
    reactor_.for_each([&](transport::Connection& connection) {
        if (auto* const client = dynamic_cast<WebSocketConnection*>(&connection)) {
            const auto* const session = dynamic_cast<const sessions::Session*>(client->sink());
            if (session == nullptr || session->is_busy()) return;
            if (auto passed = client->pass()) {
                snapshot.clients.push_back({std::move(*passed), session->pass()});
            }
        } else if (auto* const request = dynamic_cast<HttpConnection*>(&connection)) {
            if (auto passed = request->pass()) snapshot.requests.push_back(std::move(*passed));
        }
    });
    return snapshot;
}

channels::Subscriber* Shard::take_over(PassedClient client) {
    const int fd = client.connection.fd;
    auto& connection = static_cast<WebSocketConnection&>(
        reactor_.adopt(std::make_unique<WebSocketConnection>(reactor_, transport::Socket{fd, {}}))
    );
    channels::Subscriber* subscriber = nullptr;
    connection.take_over(
        [&](transport::MessageLink& link) {
            auto session = admission_.take_over(std::move(client.session), link);
            if (session) subscriber = &session->subscriber();
            return session;
        },
        std::move(client.connection)
    );
    reactor_.watch(fd, connection);
    return subscriber;
}

void Shard::take_over(transport::PassedHttp request) {
    const int fd = request.fd;
    const transport::Peer peer{
        request.address,
        request.is_proxy,
        request.sends_header,
        request.speaks_tls ? tls_ : nullptr};
    auto& connection = static_cast<HttpConnection&>(reactor_.adopt(std::make_unique<HttpConnection>(
        reactor_, transport::Socket{fd, {}}, *this, common_.settings.server.max_request_size, peer
    )));
    connection.take_over(std::move(request));
    reactor_.watch(fd, connection);
}

}  // namespace fanfare::server
