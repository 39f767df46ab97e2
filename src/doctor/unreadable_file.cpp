// SPDX-License-Identifier: MIT
#include "unreadable_file.hpp"

#include "findings.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <filesystem>
#include <utility>

namespace fanfare::doctor {

namespace {

/// The user's name; that of root, who may read all, if it cannot be seen.
std::string owner_of(const std::filesystem::path& file) {
    struct stat status {};

    const bool is_seen = ::stat(file.c_str(), &status) == 0;
    const passwd* owner = is_seen ? ::getpwuid(status.st_uid) : nullptr;
    return owner == nullptr ? "root" : owner->pw_name;
}

}  // namespace

Finding judge_unreadable_file(
    std::string area, const config::UnreadableFile& trouble, std::string why
) {
    return error(
        std::move(area),
        trouble.what(),
        std::move(why),
        "sudo -u " + owner_of(trouble.file()) + " fanfare doctor, with the same flags"
    );
}

}  // namespace fanfare::doctor
