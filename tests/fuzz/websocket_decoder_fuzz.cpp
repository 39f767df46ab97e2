// SPDX-License-Identifier: MIT
#include "support/utf8_reference.hpp"
#include "support/websocket_feed.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace fanfare::transport::testing;  // NOLINT(google-build-using-namespace)
using fanfare::testing::is_utf8_by_reference;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_close(const Received& item) {
    const auto code = item.close_code;
    require(code == 1005 || (code >= 1000 && code < 1015) || (code >= 3000 && code < 5000));
    require(code != 1004 && code != 1006);
    require(is_utf8_by_reference(item.payload) && item.payload.size() <= 123);
}

void check(const Received& item, std::size_t limit) {
    switch (item.kind) {
        case Kind::text:
            require(is_utf8_by_reference(item.payload));
            [[fallthrough]];
        case Kind::binary:
            return require(item.payload.size() <= limit);
        case Kind::ping:
        case Kind::pong:
            return require(item.payload.size() <= 125);
        case Kind::close:
            return check_close(item);
        case Kind::error:
            return require(
                item.close_code == 1002 || item.close_code == 1007 || item.close_code == 1009
            );
        case Kind::need_more:
            std::abort();
    }
}

/// Places to cut, from a seed: pieces of 1 to `longest` bytes.
std::vector<std::size_t> random_cuts(std::uint32_t seed, std::size_t size) {
    const std::size_t longest = seed % 3 == 0 ? 4 : seed % 3 == 1 ? 20 : 300;
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0;;) {
        seed = seed * 1664525 + 1013904223;
        at += 1 + (seed >> 16) % longest;
        if (at >= size) return cuts;
        cuts.push_back(at);
    }
}

}  // namespace

// First byte: the message limit. Next two: where to cut. The rest: what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::size_t limit = data[0] < 128 ? data[0] : std::size_t{data[0]} << (data[0] % 64);
    const auto seed = static_cast<std::uint32_t>(data[1] << 8 | data[2]);
    const std::string stream(data + 3, data + size);

    const auto items = decode_whole(stream, limit);
    for (const auto& item : items) check(item, limit);
    require(decode_bytewise(stream, limit) == items);
    const auto cuts = random_cuts(seed, stream.size());
    require(decode(stream, cuts, limit) == items);

    // A stream that ends early gives the same items up to there.
    const auto prefix = stream.substr(0, cuts.empty() ? 0 : cuts[seed % cuts.size()]);
    const auto fewer = decode_whole(prefix, limit);
    require(fewer.size() <= items.size());
    require(std::equal(fewer.begin(), fewer.end(), items.begin()));
    return 0;
}
