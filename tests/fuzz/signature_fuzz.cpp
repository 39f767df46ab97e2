// SPDX-License-Identifier: MIT
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/protocol/signature.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace fanfare::protocol;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_view_into(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void check_query(std::string_view text, const QueryString& query) {
    require(
        static_cast<std::size_t>(std::ranges::count(text, '&')) + 1 >= query.parameters().size()
    );
    for (const Parameter& parameter : query.parameters()) {
        require(is_view_into(parameter.raw_value, text));
        require(parameter.value == percent_decode(parameter.raw_value, true));
        require(query.has(parameter.name));
    }
}

/// Of the texts that may have been signed: few, none twice, each of this request and over its body.
void check_texts(const SignedRequest& request) {
    const auto texts = request_to_sign(request);
    require(!texts.empty() && texts.size() <= 4);
    for (const std::string& text : texts) {
        require(std::ranges::count(texts, text) == 1);
        require(text.starts_with(std::string(request.method) + "\n"));
        if (!request.body_md5.empty()) {
            require(text.find("body_md5=" + std::string(request.body_md5)) != std::string::npos);
        }
    }
}

}  // namespace

// First byte: with a prefix or not, with a body or not. The rest: `path?query` of a signed request,
// and the `auth` of a subscription.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string_view query_text = text.substr(std::min(mark + 1, text.size()));
    const QueryString query(query_text);
    check_query(query_text, query);
    const std::string_view prefix = (data[0] & 1) != 0 ? "/ws" : "";
    const std::string_view body_md5 = (data[0] & 2) != 0 ? "d41d8cd98f00b204e9800998ecf8427e" : "";
    check_texts({"POST", text.substr(0, mark), prefix, query, body_md5});

    require(percent_decode(text, false).size() <= text.size());
    const AuthString auth = split_auth(text);
    require(is_view_into(auth.key, text) && is_view_into(auth.signature, text));
    require(auth.key.find(':') == std::string_view::npos);
    if (const auto id = parse_socket_id(text)) require(to_string(*id) == text);
    return 0;
}
