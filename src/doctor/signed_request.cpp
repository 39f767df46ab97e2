// SPDX-License-Identifier: MIT
#include "signed_request.hpp"

#include "fanfare/base/crypto.hpp"
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/protocol/signature.hpp"

#include <chrono>
#include <string_view>

namespace fanfare::doctor {

namespace {

std::string mac(const std::string& secret, std::string_view text) {
    const auto hex = HmacSha256(secret).hex(text);
    return {hex.begin(), hex.end()};
}

std::string seconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

}  // namespace

std::string url_escaped(std::string_view text) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= 'a' && byte <= 'z') || c == '-' || c == '_' || c == '.';
        if (is_plain) {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4];
            out += hex[byte & 15U];
        }
    }
    return out;
}

probe::Request signed_request(
    std::string method,
    const std::string& prefix,
    const std::string& path,
    std::string body,
    const Credentials& app
) {
    std::string digest;
    const std::size_t question = path.find('?');
    const std::string resource = path.substr(0, question);
    std::string query = question == path.npos ? "" : path.substr(question + 1) + "&";
    query += "auth_key=" + url_escaped(app.key) + "&auth_timestamp=" + seconds_now() +
             "&auth_version=1.0";
    if (!body.empty()) {
        const Md5Hex hex = Md5().hex(body);
        digest.assign(hex.begin(), hex.end());
        query += "&body_md5=" + digest;
    }
    const protocol::QueryString parameters(query);
    const std::string text =
        protocol::likeliest_request_to_sign({method, resource, "", parameters, digest});
    query += "&auth_signature=" + mac(app.secret, text);
    probe::Request request;
    request.method = std::move(method);
    request.path = prefix + resource + "?" + query;
    request.headers.emplace_back("Accept", "application/json");
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    return request;
}

std::string channel_auth(
    const std::string& socket_id, const std::string& channel, const Credentials& app
) {
    return app.key + ":" + mac(app.secret, socket_id + ":" + channel);
}

}  // namespace fanfare::doctor
