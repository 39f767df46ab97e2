// SPDX-License-Identifier: MIT
#pragma once

#include "support/socket_world.hpp"

#include "fanfare/transport/http_connection.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::transport::testing {

inline constexpr std::size_t max_request_size = 1'000;

/// Of the answer to `/big`: more than a backlog may have.
inline constexpr std::size_t big_size = 3'000'000;

/// Answers each request with `method path body`, at once or when told to.
class EchoRoutes final : public HttpRoutes {
public:
    bool must_wait(const HttpRequest& request, const HttpResponder& responder) override {
        if (!request.path.starts_with("/wait")) return false;
        waits.push_back(responder);
        return true;
    }

    void on_request(const HttpRequest& request, const HttpResponder& responder) override {
        std::string text(request.method);
        text.append(1, ' ').append(request.path).append(1, ' ').append(request.body);
        seen.push_back(text);
        if (request.path == "/big") {
            text += std::string(big_size - text.size(), 'b');
        }
        if (request.path == "/throw") throw std::runtime_error("thrown by a route");
        if (request.path == "/later") {
            later.emplace_back([responder, text] { responder.respond(reply(text)); });
        } else {
            HttpResponse response = reply(text);
            if (request.path == "/nothing") response.status = 204;
            responder.respond(response);
        }
    }

    bool is_websocket_path(std::string_view path) const override {
        return path.starts_with("/app/");
    }

    std::unique_ptr<MessageSink> open_link(const HttpRequest&, MessageLink&) override {
        throw std::logic_error("no valid handshake in these tests");
    }

    std::vector<std::string> seen;
    std::vector<std::function<void()>> later;
    std::vector<HttpResponder> waits;

private:
    static HttpResponse reply(std::string text) {
        HttpResponse response;
        response.body = "<" + std::move(text) + ">";
        return response;
    }
};

class HttpTest : public ::testing::Test {
protected:
    FarEnd connect() {
        auto pair = SocketWorld::make_pair();
        world_.adopt(
            pair.fd,
            std::make_unique<HttpConnection>(
                world_.reactor(), Socket{pair.fd, {}}, routes_, max_request_size
            )
        );
        return std::move(pair.far_end);
    }

    std::string ask(FarEnd& client, std::string_view request) {
        client.write(request);
        world_.poll();
        return client.read();
    }

    EchoRoutes routes_;
    SocketWorld world_;
};

inline std::string get(std::string_view path, std::string_view headers = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

inline std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

}  // namespace fanfare::transport::testing
