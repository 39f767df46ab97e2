// SPDX-License-Identifier: MIT
#include "support/utf8_reference.hpp"

#include "fanfare/base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

// First byte: how long the pieces are. The rest: a text that the validator and the reference must
// judge alike, whole and in pieces, with a refusal at the first byte that leaves no way out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 17;
    const std::string text(data + 1, data + size);

    const bool is_valid = fanfare::testing::is_utf8_by_reference(text);
    require(fanfare::is_valid_utf8(text) == is_valid);

    const std::string_view view(text);
    fanfare::Utf8Validator in_pieces;
    bool is_possible = true;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        is_possible = in_pieces.feed(view.substr(at, piece));
    }
    require((is_possible && in_pieces.is_complete()) == is_valid);

    fanfare::Utf8Validator bytewise;
    std::size_t taken = 0;
    while (taken < text.size() && bytewise.feed(view.substr(taken, 1))) ++taken;
    require(fanfare::testing::is_start_of_utf8(text.substr(0, taken)));
    require(taken == text.size() || !fanfare::testing::is_start_of_utf8(text.substr(0, taken + 1)));
    return 0;
}
