// SPDX-License-Identifier: MIT
#include "fanfare/transport/proxy_header.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using fanfare::transport::ProxyHeader;
using Status = ProxyHeader::Status;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

// What a connection that should begin with a PROXY header begins with. The verdict does not depend
// on how the bytes are cut: a header is one as soon as it is whole, and what is none never becomes
// one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const ProxyHeader whole = ProxyHeader::parse(bytes);
    require((whole.status == Status::complete) == (whole.size != 0));
    require(whole.size <= size);
    Status before = Status::need_more;
    for (std::size_t length = 0; length <= size; ++length) {
        const ProxyHeader header = ProxyHeader::parse(bytes.substr(0, length));
        if (before != Status::need_more) require(header.status == before);
        if (header.status == Status::complete) {
            require(header.size == whole.size && header.source == whole.source);
            require(length >= header.size);
        }
        before = header.status;
    }
    require(before == whole.status);
    return 0;
}
