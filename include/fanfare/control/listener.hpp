// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/control/request.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace fanfare::control {

/// Who has asked, until it is answered or gone. All on the listener's thread.
class Visitor {
public:
    virtual ~Visitor() = default;

    /// One of them, once.
    virtual void answer(Json result) = 0;
    virtual void refuse(const std::string& error) = 0;

    /// Instead of closing after the answer: events follow, and `on_gone` when nobody reads them any
    /// longer. One who reads too slowly misses some and is told how many.
    virtual void answer_and_follow(Json result, std::function<void()> on_gone) = 0;
    virtual void tell(Json event) = 0;

    /// For the log: `uid=1000 pid=7`.
    [[nodiscard]] virtual const std::string& name() const = 0;
};

using Handler = std::function<void(const Request&, const std::shared_ptr<Visitor>&)>;

/// The Unix socket by which operators talk to the server. The permissions of the file say who may:
/// its user, root, and the user's group.
class Listener {
public:
    /// Makes the first of `paths` that can be made; one that a dead server has left is replaced.
    /// Throws std::runtime_error if there is none.
    Listener(
        boost::asio::io_context& context,
        const std::vector<std::filesystem::path>& paths,
        Handler handler
    );
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    void accept();

    Handler handler_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::filesystem::path path_;
    ino_t inode_ = 0;  // of our file, which another server may have replaced
};

}  // namespace fanfare::control
