// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/transport/message_link.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::testing {

/// A link that remembers what it was asked to do. Like a real one it tells its sink of the close at
/// once.
class FakeLink final : public transport::MessageLink {
public:
    struct Close {
        std::uint16_t code = 0;
        std::string reason;

        bool operator==(const Close&) const = default;
    };

    void send(BufferPtr frame) override {
        if (closed) ++sent_after_close;
        const std::string_view bytes = frame->bytes();
        const auto length = static_cast<unsigned char>(bytes[1]);
        sent.emplace_back(bytes.substr(length < 126 ? 2 : length == 126 ? 4 : 10));
    }

    void close(std::uint16_t code, std::string_view reason) override {
        if (closed) return;
        closed = Close{code, std::string(reason)};
        if (sink != nullptr) sink->on_closed();
    }

    void resume() override { ++resumes; }

    [[nodiscard]] bool ping() override {
        if (understands_ping) ++pings;
        return understands_ping;
    }

    /// The texts since the last call.
    std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

    std::vector<std::string> sent;
    std::optional<Close> closed;
    std::size_t sent_after_close = 0;
    std::size_t resumes = 0;
    std::size_t pings = 0;
    bool understands_ping = false;
    transport::MessageSink* sink = nullptr;
};

}  // namespace fanfare::testing
