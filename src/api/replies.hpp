// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/transport/http.hpp"

#include <string>

namespace fanfare::api {

[[nodiscard]] transport::HttpResponse text_reply(unsigned status, std::string text);

[[nodiscard]] transport::HttpResponse json_reply(unsigned status, std::string json);

}  // namespace fanfare::api
