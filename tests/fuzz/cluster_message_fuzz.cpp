// SPDX-License-Identifier: MIT
#include "message.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace fanfare::cluster;

void require(bool condition) {
    if (!condition) std::abort();
}

/// The text of an event is part of what was decoded.
void check_view(const Message& message, std::string_view bytes) {
    const auto* event = std::get_if<EventMessage>(&message);
    if (event == nullptr || event->text.empty()) return;
    require(event->text.data() >= bytes.data());
    require(event->text.data() + event->text.size() <= bytes.data() + bytes.size());
}

}  // namespace

// What another node, or whoever may write to Redis, says: it is nothing, or it is what encode()
// makes of the very same message. The same for members and node ids as they lie in Redis.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto message = decode(bytes)) {
        check_view(*message, bytes);
        require(encode(*message) == bytes);
    }
    if (const auto member = decode_member(bytes)) require(encode_member(*member) == bytes);
    if (const auto node = NodeId::parse(bytes)) require(NodeId::parse(node->text()) == node);
    return 0;
}
