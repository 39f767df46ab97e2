// SPDX-License-Identifier: MIT
#include "fanfare/control/socket_path.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace fanfare::control {

std::vector<std::filesystem::path> socket_paths(const config::ServerSettings& settings) {
    if (settings.control_socket.empty()) return {};
    if (settings.control_socket != "auto") return {settings.control_socket};
    const std::string name = "fanfare-" + std::to_string(settings.port) + ".sock";
    std::vector<std::filesystem::path> folders{"/run/fanfare"};
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime == '/') folders.emplace_back(runtime);
    folders.emplace_back("/tmp/fanfare-" + std::to_string(::geteuid()));
    for (auto& folder : folders) folder /= name;
    return folders;
}

}  // namespace fanfare::control
