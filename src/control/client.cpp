// SPDX-License-Identifier: MIT
#include "fanfare/control/client.hpp"

#include "folder_trust.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace fanfare::control {

namespace {

namespace fs = std::filesystem;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

/// Whether another user may have made what is there, as anybody can in /tmp.
bool may_be_trap(const fs::path& folder) {
    std::error_code ignored;
    return folder.parent_path() == "/tmp" && fs::exists(fs::symlink_status(folder, ignored)) &&
           distrust_of(folder) != nullptr;
}

/// The same in the folders of other users, for who asks to choose from.
std::string others_like(const fs::path& path) {
    std::string found;
    std::error_code ignored;
    for (const auto& folder : fs::directory_iterator("/tmp", ignored)) {
        const fs::path other = folder.path() / path.filename();
        if (!folder.path().filename().string().starts_with("fanfare-") || other == path) continue;
        if (!fs::is_socket(fs::symlink_status(other, ignored))) continue;
        found += "; if the server is yours: --control-socket " + other.string();
    }
    return found;
}

/// A connection to a server, read by lines.
class Line {
public:
    Line(const std::vector<fs::path>& paths, std::chrono::seconds patience) : socket_(context_) {
        connect(paths);
        be_patient(patience);
    }

    void send(const Request& request) {
        const Json json{{"command", request.command}, {"arguments", request.arguments}};
        const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
        boost::asio::write(socket_, boost::asio::buffer(line));
    }

    /// Throws std::runtime_error if there is none in time.
    [[nodiscard]] Json next() {
        std::size_t end = input_.find('\n');
        while (end == input_.npos) {
            const std::size_t before = input_.size();
            read();
            end = input_.find('\n', before);
        }
        const Json json = Json::parse(input_.substr(0, end));
        input_.erase(0, end + 1);
        return json;
    }

    /// Zero: for ever.
    void be_patient(std::chrono::seconds patience) {
        const timeval limit{patience.count(), 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }

private:
    void connect(const std::vector<fs::path>& paths) {
        if (paths.empty()) {
            throw std::runtime_error("server.control_socket is empty: the server has none");
        }
        std::string troubles;
        for (const fs::path& path : paths) {
            error_code error;
            if (paths.size() > 1 && may_be_trap(path.parent_path())) {
                error = boost::asio::error::access_denied;
            } else {
                socket_.connect(path.string(), error);
            }
            if (!error) return;
            socket_ = stream_protocol::socket(context_);
            troubles += (troubles.empty() ? "" : ", ") + path.string() + ": " + error.message();
        }
        throw std::runtime_error(
            "no server to talk to, it does not run or has another port or user (" + troubles + ")" +
            (paths.size() > 1 ? others_like(paths.back()) : "")
        );
    }

    /// Not by Asio, whose blocking calls know no time limit.
    void read() {
        std::array<char, 65'536> buffer;
        const ssize_t size = ::read(socket_.native_handle(), buffer.data(), buffer.size());
        if (size > 0) {
            input_.append(buffer.data(), static_cast<std::size_t>(size));
        } else if (size == 0) {
            throw std::runtime_error("the server has ended the conversation");
        } else if (errno == EAGAIN) {
            throw std::runtime_error("the server does not answer in time");
        } else if (errno != EINTR) {
            throw std::runtime_error(std::strerror(errno));
        }
    }

    boost::asio::io_context context_{1};
    stream_protocol::socket socket_;
    std::string input_;
};

Json result_in(Json answer) {
    if (const auto error = answer.find("error"); error != answer.end()) {
        throw std::runtime_error(error->get<std::string>());
    }
    return std::move(answer.at("result"));
}

}  // namespace

Json ask(
    const std::vector<fs::path>& paths, const Request& request, std::chrono::seconds patience
) {
    Line line(paths, patience);
    line.send(request);
    return result_in(line.next());
}

void follow(
    const std::vector<fs::path>& paths,
    const Request& request,
    const std::function<void(const Json&)>& on_event
) {
    Line line(paths, usual_patience);
    line.send(request);
    on_event(result_in(line.next()));
    line.be_patient({});
    for (;;) on_event(line.next());
}

}  // namespace fanfare::control
