// SPDX-License-Identifier: MIT
#include "fanfare/control/listener.hpp"

#include "folder_trust.hpp"
#include "visit.hpp"

#include <sys/stat.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace fanfare::control {

namespace fs = std::filesystem;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr mode_t socket_mode = 0660;
constexpr mode_t folder_mode = 0750;
constexpr std::chrono::seconds pause_time{1};  // after a visitor who could not be accepted

/// Throws std::runtime_error if somebody else has it.
void make_folder(const fs::path& folder) {
    ::mkdir(folder.c_str(), folder_mode);
    if (const char* why = distrust_of(folder)) throw std::runtime_error(folder.string() + why);
}

/// Throws std::runtime_error if a server answers at it.
void remove_dead_socket(boost::asio::io_context& context, const fs::path& path) {
    if (!fs::is_socket(fs::symlink_status(path))) return;
    stream_protocol::socket probe(context);
    error_code error;
    probe.connect(path.string(), error);
    if (!error) throw std::runtime_error(path.string() + " belongs to a server that runs");
    if (error == boost::asio::error::connection_refused) ::unlink(path.c_str());
}

void open(
    stream_protocol::acceptor& acceptor, boost::asio::io_context& context, const fs::path& path
) {
    make_folder(path.parent_path());
    remove_dead_socket(context, path);
    stream_protocol::acceptor opened(context);
    opened.open();
    ::fchmod(opened.native_handle(), socket_mode);  // before it has a name
    opened.bind(path.string());
    ::chmod(path.c_str(), socket_mode);
    opened.listen();
    acceptor = std::move(opened);
}

}  // namespace

Listener::Listener(
    boost::asio::io_context& context, const std::vector<fs::path>& paths, Handler handler
)
    : handler_(std::move(handler)), acceptor_(context), pause_(context) {
    std::string troubles;
    for (const fs::path& path : paths) {
        try {
            open(acceptor_, context, path);
            path_ = path;
            break;
        } catch (const std::exception& error) {
            troubles += (troubles.empty() ? "" : "; ") + path.string() + ": " + error.what();
        }
    }
    if (path_.empty()) throw std::runtime_error(troubles);

    struct stat own {};

    if (::lstat(path_.c_str(), &own) == 0) inode_ = own.st_ino;
    accept();
}

Listener::~Listener() {
    struct stat found {};

    const bool is_ours = ::lstat(path_.c_str(), &found) == 0 && found.st_ino == inode_;
    if (is_ours) ::unlink(path_.c_str());
}

void Listener::accept() {
    acceptor_.async_accept([this](const error_code& error, stream_protocol::socket socket) {
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) {
            std::make_shared<Visit>(std::move(socket), handler_)->start();
            return accept();
        }
        // Out of descriptors, as a rule; to try again at once would keep the thread busy.
        pause_.expires_after(pause_time);
        pause_.async_wait([this](const error_code& stopped) {
            if (!stopped) accept();
        });
    });
}

}  // namespace fanfare::control
