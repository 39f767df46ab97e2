// SPDX-License-Identifier: MIT
#include "file_watch.hpp"

#include <sys/stat.h>

#include <chrono>
#include <utility>

namespace fanfare::server {

namespace {

constexpr std::chrono::milliseconds interval{500};

}  // namespace

FileWatch::FileWatch(
    boost::asio::io_context& context, std::vector<std::filesystem::path> files, OnChange on_change
)
    : timer_(context), files_(std::move(files)), on_change_(std::move(on_change)) {
    catch_up();
    wait();
}

void FileWatch::catch_up() {
    known_ = last_ = look();
}

void FileWatch::set_files(std::vector<std::filesystem::path> files) {
    if (files == files_) return;
    files_ = std::move(files);
    catch_up();
}

std::vector<FileWatch::Stamp> FileWatch::look() const {
    std::vector<Stamp> stamps;
    for (const std::filesystem::path& file : files_) {
        struct stat status {};

        Stamp stamp{};
        if (::stat(file.c_str(), &status) == 0) {
            stamp = {
                status.st_dev,
                status.st_ino,
                static_cast<std::uint64_t>(status.st_size),
                static_cast<std::uint64_t>(status.st_mtim.tv_sec),
                static_cast<std::uint64_t>(status.st_mtim.tv_nsec)};
        }
        stamps.push_back(stamp);
    }
    return stamps;
}

const std::filesystem::path* FileWatch::find_gone() const {
    for (std::size_t i = 0; i < files_.size(); ++i) {
        if (known_[i] != Stamp{} && last_[i] == Stamp{}) return &files_[i];
    }
    return nullptr;
}

void FileWatch::wait() {
    timer_.expires_after(interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        wait();
        std::vector<Stamp> now = look();
        const bool is_settled = now == last_;
        last_ = std::move(now);
        if (!is_settled || last_ == known_) return;
        const auto* gone = find_gone();
        known_ = last_;
        on_change_(gone);
    });
}

}  // namespace fanfare::server
