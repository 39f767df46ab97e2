// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/control/listener.hpp"

#include <boost/asio/streambuf.hpp>

#include <array>
#include <deque>

namespace fanfare::control {

/// A Visitor on its socket. Lives as long as something is to be read or written.
class Visit final : public Visitor, public std::enable_shared_from_this<Visit> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    Visit(Socket socket, const Handler& handler);

    /// Once.
    void start();

    void answer(Json result) override;
    void refuse(const std::string& error) override;
    void answer_and_follow(Json result, std::function<void()> on_gone) override;
    void tell(Json event) override;

    [[nodiscard]] const std::string& name() const override { return name_; }

private:
    void on_request(std::string line);
    void tell_missed();
    void watch_for_end();
    void send(const Json& line);
    void write();
    void end();

    Socket socket_;
    const Handler handler_;
    std::string name_;
    boost::asio::streambuf input_;
    std::array<char, 64> ignored_;
    std::deque<std::string> lines_;  // the first is being written
    std::size_t queued_bytes_ = 0;
    std::uint64_t missed_ = 0;
    std::function<void()> on_gone_;
    bool is_following_ = false;
};

}  // namespace fanfare::control
