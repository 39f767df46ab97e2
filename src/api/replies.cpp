// SPDX-License-Identifier: MIT
#include "replies.hpp"

#include <utility>

namespace fanfare::api {

transport::HttpResponse text_reply(unsigned status, std::string text) {
    transport::HttpResponse response;
    response.status = status;
    response.body = std::move(text);
    return response;
}

transport::HttpResponse json_reply(unsigned status, std::string json) {
    transport::HttpResponse response = text_reply(status, std::move(json));
    response.content_type = "application/json";
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    return response;
}

}  // namespace fanfare::api
