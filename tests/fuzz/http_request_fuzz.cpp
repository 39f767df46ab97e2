// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"
#include "support/socket_world.hpp"

#include "fanfare/api/router.hpp"
#include "fanfare/protocol/signature.hpp"
#include "fanfare/transport/http_connection.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace fanfare;                      // NOLINT(google-build-using-namespace)
using namespace fanfare::transport::testing;  // NOLINT(google-build-using-namespace)
using fanfare::sessions::testing::SessionWorld;
namespace clients = fanfare::sessions::testing;

constexpr std::size_t max_request_size = 600;

void require(bool condition) {
    if (!condition) std::abort();
}

/// The API behind the connection. Each request is signed on its way, so that its contents count.
class SigningRoutes final : public transport::HttpRoutes {
public:
    SigningRoutes() {
        settings_.api_cors_origins = {"http://a"};
        subscriber_->say(clients::subscribe("a"));
        subscriber_->say(clients::subscribe_as(1, "presence-a", R"({"user_id":1})"));
    }

    void on_request(
        const transport::HttpRequest& request, const transport::HttpResponder& responder
    ) override {
        seen.push_back(
            std::string(request.method) + ' ' + std::string(request.path) + '?' +
            std::string(request.query) + '\n' + std::string(request.body)
        );
        has_head |= request.method == "HEAD";
        transport::HttpRequest with_signature = request;
        const std::string query = sign(request);
        with_signature.query = query;
        router_.on_request(with_signature, responder);
    }

    [[nodiscard]] bool is_websocket_path(std::string_view path) const override {
        return path.starts_with("/app/");
    }

    [[nodiscard]] std::unique_ptr<transport::MessageSink> open_link(
        const transport::HttpRequest&, transport::MessageLink& link
    ) override {
        link.close(4001, "fuzz");
        return nullptr;
    }

    std::vector<std::string> seen;
    bool has_head = false;

private:
    std::string sign(const transport::HttpRequest& request) {
        std::string query(request.query);
        if (!query.empty()) query += '&';
        query += "auth_timestamp=" + std::to_string(world_.clock().unix_time().count() / 1'000);
        query.append("&auth_version=1.0&auth_key=").append(clients::app_key);
        if (!request.body.empty()) {
            const Md5Hex digest = md5_.hex(request.body);
            query.append("&body_md5=").append(digest.data(), digest.size());
        }
        const protocol::QueryString parsed(query);
        const std::string_view md5 = parsed.find("body_md5");
        const std::string text = protocol::likeliest_request_to_sign(
            {request.method, request.path, "", parsed, request.body.empty() ? "" : md5}
        );
        const Sha256Hex mac = HmacSha256(clients::app_secret).hex(text);
        return query.append("&auth_signature=").append(mac.data(), mac.size());
    }

    config::ServerSettings settings_;
    SessionWorld world_;
    std::unique_ptr<clients::Client> subscriber_ = world_.connect(1);
    std::atomic<bool> is_draining_ = false;
    api::Router router_{
        settings_,
        {world_.apps(), world_.hub(), world_.clock(), world_.log(), world_.counters()},
        {is_draining_, [] { return std::vector<std::string_view>{}; }},
        nullptr};
    Md5 md5_;
};

/// Answers are whole and of the length they say, and JSON where they say so.
void check_answers(std::string_view bytes) {
    while (!bytes.empty()) {
        require(bytes.starts_with("HTTP/1.1 ") && bytes.size() > 12);
        const std::string_view status = bytes.substr(9, 3);
        if (status == "101") return;
        const std::size_t end = bytes.find("\r\n\r\n");
        require(end != std::string_view::npos);
        const std::string_view head = bytes.substr(0, end);
        bytes.remove_prefix(end + 4);
        if (status == "100" || status == "204") continue;
        constexpr std::string_view label = "\r\nContent-Length: ";
        const std::size_t at = head.find(label);
        require(at != std::string_view::npos);
        std::size_t length = 0;
        std::from_chars(head.data() + at + label.size(), head.data() + head.size(), length);
        require(length <= bytes.size());
        const std::string_view body = bytes.substr(0, length);
        bytes.remove_prefix(length);
        const bool is_json = head.find("Content-Type: application/json") != head.npos;
        require(!is_json || nlohmann::json::accept(body));
    }
}

/// What was asked, when a client sends `stream` in pieces of the given length.
std::vector<std::string> requests_in(std::string_view stream, std::size_t piece) {
    SigningRoutes routes;
    SocketWorld world;
    auto pair = SocketWorld::make_pair();
    world.adopt(
        pair.fd,
        std::make_unique<transport::HttpConnection>(
            world.reactor(), transport::Socket{pair.fd, {}}, routes, max_request_size
        )
    );
    std::string answers;
    for (std::size_t at = 0; at < stream.size() && !pair.far_end.is_at_end(); at += piece) {
        pair.far_end.write(stream.substr(at, piece));
        world.poll();
        answers += pair.far_end.read();
    }
    if (!routes.has_head) check_answers(answers);
    require(world.reports().empty());
    pair.far_end.close();
    world.poll();
    require(world.reactor().connection_count() == 0);
    return std::move(routes.seen);
}

}  // namespace

// First byte: the length of the pieces. The rest: what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint8_t tls_handshake = 0x16;  // whose answer is no HTTP
    if (size < 2 || data[1] == tls_handshake) return 0;
    const std::string stream(data + 1, data + size);
    require(requests_in(stream, stream.size()) == requests_in(stream, 1U + data[0]));
    return 0;
}
