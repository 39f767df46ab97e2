// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace fanfare::server {

/// Notices that files have changed, appeared or gone, however that was done: written in place,
/// moved there, or by a link that points elsewhere now. It looks at them twice a second, since what
/// the kernel tells of directories covers neither links nor network file systems.
class FileWatch {
public:
    /// `gone`: a file that was there and is not any more; null if there is none.
    using OnChange = std::function<void(const std::filesystem::path* gone)>;

    /// `on_change` is called on the context's thread once the files have been the same for a look,
    /// so hardly in the midst of being written.
    FileWatch(
        boost::asio::io_context& context,
        std::vector<std::filesystem::path> files,
        OnChange on_change
    );

    /// What there is now is no change.
    void catch_up();

    /// Other files, as they are now.
    void set_files(std::vector<std::filesystem::path> files);

private:
    /// What tells two states of a file apart; all zero if there is none.
    using Stamp = std::array<std::uint64_t, 5>;

    [[nodiscard]] std::vector<Stamp> look() const;
    [[nodiscard]] const std::filesystem::path* find_gone() const;
    void wait();

    boost::asio::steady_timer timer_;
    std::vector<std::filesystem::path> files_;
    OnChange on_change_;
    std::vector<Stamp> known_;
    std::vector<Stamp> last_;
};

}  // namespace fanfare::server
