// SPDX-License-Identifier: MIT
#include "folder_trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace fanfare::control {

const char* distrust_of(const std::filesystem::path& folder) {
    struct stat found {};

    if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return " is no folder";
    const bool is_ours = found.st_uid == ::geteuid() || found.st_uid == 0;
    return is_ours && (found.st_mode & S_IWOTH) == 0 ? nullptr : " is open to other users";
}

}  // namespace fanfare::control
