// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/probe/target.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::probe {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method = "GET";
    std::string path;  ///< with its query
    Headers headers;   ///< besides Host and Content-Length
    std::string body;
};

struct Answer {
    unsigned status = 0;
    std::string server;        ///< the header of that name
    std::string content_type;  ///< likewise
    std::string location;      ///< likewise
    std::string date;          ///< likewise
    std::string body;
};

/// A client that asks one question and waits for the answer, on the calling thread: for commands,
/// not for the server. It speaks TLS with whoever has any certificate, and says what it thinks of
/// it. Each step has to be done within the patience. Everything throws Failure.
class Client {
public:
    /// Connects.
    Client(const Target& target, std::chrono::milliseconds patience);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Nothing if there is no TLS.
    [[nodiscard]] const std::optional<Certificate>& certificate() const;

    /// To be called once, or upgrade() is.
    [[nodiscard]] Answer ask(const Request& request);

    /// Makes a WebSocket of it. What was answered instead; nothing if it is one.
    [[nodiscard]] std::optional<Answer> upgrade(const std::string& path, const Headers& headers);

    /// On the WebSocket. receive() waits for a message.
    void send(std::string_view text);
    [[nodiscard]] std::string receive();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::probe
