// SPDX-License-Identifier: MIT
#include "fanfare/control/listener.hpp"

#include "support/temporary_folder.hpp"

#include "fanfare/control/client.hpp"
#include "fanfare/control/socket_path.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>
#include <optional>
#include <thread>

namespace fanfare::control {

namespace {

namespace fs = std::filesystem;
using fanfare::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A server on a thread of its own: `echo` answers with its arguments, `fail` throws, `count`
/// sends as many events as it is asked for.
class ListenerTest : public ::testing::Test {
protected:
    ~ListenerTest() override { stop(); }

    void start() {
        listener.emplace(context, paths(), [this](const Request& request, const auto& visitor) {
            on_request(request, visitor);
        });
        thread = std::thread([this] { context.run(); });
    }

    void stop() {
        if (!thread.joinable()) return;
        boost::asio::post(context, [this] {
            listener.reset();
            work.reset();
        });
        thread.join();
    }

    void on_request(const Request& request, const std::shared_ptr<Visitor>& visitor) {
        if (request.command == "echo") return visitor->answer(request.arguments);
        if (request.command != "count") throw std::runtime_error("no " + request.command);
        visitor->answer_and_follow("begun", [this] { gone.set_value(); });
        for (int i = 0; i < request.arguments.at("events"); ++i) {
            visitor->tell({{"number", i}, {"padding", std::string(1'000, 'x')}});
        }
    }

    [[nodiscard]] std::vector<fs::path> paths() const { return {folder.path("control.sock")}; }

    TemporaryFolder folder;
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    std::optional<Listener> listener;
    std::promise<void> gone;
    std::thread thread;
};

std::string trouble_of(const std::function<void()>& call) {
    try {
        call();
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

/// Named as a server's, wherever else temporary files may be. Goes with the object.
struct FolderInTmp {
    FolderInTmp() : path(::mkdtemp(std::string("/tmp/fanfare-XXXXXX").data())) {}

    ~FolderInTmp() { fs::remove_all(path); }

    FolderInTmp(const FolderInTmp&) = delete;
    FolderInTmp& operator=(const FolderInTmp&) = delete;

    fs::path path;
};

/// A socket of a server that has died.
void leave_dead_socket(const fs::path& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{AF_UNIX, {}};
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
}

TEST_F(ListenerTest, answers) {
    start();
    const Json arguments{{"text", "\xc3\xa4\n\""}, {"number", 1}};
    EXPECT_EQ(ask(paths(), {"echo", arguments}), arguments);
    EXPECT_EQ(ask(paths(), {"echo", arguments}), arguments);
}

TEST_F(ListenerTest, says_what_is_wrong) {
    start();
    EXPECT_EQ(trouble_of([&] { (void)ask(paths(), {"dance"}); }), "no dance");
}

TEST_F(ListenerTest, takes_long_requests_and_gives_long_answers) {
    start();
    const Json arguments{{"text", std::string(3'000'000, 'x')}};
    EXPECT_EQ(ask(paths(), {"echo", arguments}), arguments);
}

TEST_F(ListenerTest, survives_what_is_no_request) {
    start();
    for (const char* text : {"\n", "{}\n", "[1]\n", "{\"command\":7}\n", "\xff\xfe\n", "{"}) {
        boost::asio::io_context own;
        boost::asio::local::stream_protocol::socket socket(own);
        socket.connect(paths().front().string());
        socket.send(boost::asio::buffer(std::string(text)));
    }
    EXPECT_EQ(ask(paths(), {"echo"}), Json::object());
}

TEST_F(ListenerTest, refuses_what_is_nested_too_deeply_to_be_copied) {
    start();
    std::string deep = R"({"command":"echo","arguments":{"a":)";
    deep += std::string(200'000, '[') + std::string(200'000, ']') + "}}\n";
    boost::asio::io_context own;
    boost::asio::local::stream_protocol::socket socket(own);
    socket.connect(paths().front().string());
    boost::asio::write(socket, boost::asio::buffer(deep));
    std::string answer;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), '\n');
    EXPECT_THAT(answer, HasSubstr("nested too deeply"));
    EXPECT_EQ(ask(paths(), {"echo"}), Json::object());
}

/// Anybody may make a folder in /tmp that looks like a server's.
TEST_F(ListenerTest, is_not_believed_in_a_folder_of_another_user) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    start();
    const FolderInTmp trap;
    const std::vector<fs::path> several{"/nowhere/control.sock", trap.path / "control.sock"};
    fs::create_symlink(paths().front(), several.back());
    EXPECT_EQ(ask(several, {"echo"}), Json::object());
    ASSERT_EQ(::chown(trap.path.c_str(), 65'534, 65'534), 0);
    EXPECT_THAT(
        trouble_of([&] { (void)ask(several, {"echo"}); }),
        HasSubstr(several.back().string() + ": Permission denied")
    );
    EXPECT_EQ(ask({several.back()}, {"echo"}), Json::object()) << "who names it means it";
}

TEST_F(ListenerTest, tells_who_does_not_find_it_of_those_of_other_users) {
    const FolderInTmp other;
    leave_dead_socket(other.path / "fanfare-1.sock");
    const std::vector<fs::path> several{"/nowhere/fanfare-1.sock", "/tmp/no/fanfare-1.sock"};
    EXPECT_THAT(
        trouble_of([&] { (void)ask(several, {"echo"}); }),
        HasSubstr("--control-socket " + (other.path / "fanfare-1.sock").string())
    );
}

TEST_F(ListenerTest, is_for_its_user_and_group_only) {
    start();

    struct stat found {};

    ASSERT_EQ(::stat(paths().front().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0660U);
    EXPECT_EQ(found.st_uid, ::geteuid());
}

TEST_F(ListenerTest, goes_with_its_socket) {
    start();
    stop();
    EXPECT_FALSE(fs::exists(paths().front()));
    EXPECT_THAT(
        trouble_of([&] { (void)ask(paths(), {"echo"}); }), HasSubstr("No such file or directory")
    );
}

TEST_F(ListenerTest, takes_the_place_of_one_that_died) {
    leave_dead_socket(paths().front());
    start();
    EXPECT_EQ(ask(paths(), {"echo"}), Json::object());
}

TEST_F(ListenerTest, leaves_the_socket_of_one_that_lives) {
    start();
    const std::string trouble =
        trouble_of([&] { const Listener second(context, paths(), nullptr); });
    EXPECT_THAT(trouble, HasSubstr("belongs to a server that runs"));
    EXPECT_EQ(ask(paths(), {"echo"}), Json::object());
}

TEST_F(ListenerTest, leaves_a_file_that_is_no_socket) {
    const fs::path file = paths().front();
    fs::copy("/proc/self/cmdline", file);
    EXPECT_NE(trouble_of([&] { const Listener made(context, paths(), nullptr); }), "");
    EXPECT_TRUE(fs::is_regular_file(file));
}

TEST_F(ListenerTest, takes_the_first_path_that_it_can) {
    const fs::path impossible = "/proc/fanfare/control.sock";
    const Listener made(context, {impossible, paths().front()}, nullptr);
    EXPECT_EQ(made.path(), paths().front());
}

TEST_F(ListenerTest, trusts_no_folder_that_is_open_to_all) {
    const fs::path open = folder.path("open");
    fs::create_directory(open);
    fs::permissions(open, fs::perms::all);
    const std::string trouble =
        trouble_of([&] { const Listener made(context, {open / "control.sock"}, nullptr); });
    EXPECT_THAT(trouble, HasSubstr("is open to other users"));
}

TEST_F(ListenerTest, events_follow_an_answer) {
    start();
    std::vector<Json> numbers;
    const auto take = [&](const Json& event) {
        if (event.is_object()) numbers.push_back(event.at("number"));
        if (numbers.size() == 3) throw std::runtime_error("enough");
    };
    const std::string trouble = trouble_of([&] {
        follow(paths(), {"count", {{"events", 3}}}, take);
    });
    EXPECT_EQ(trouble, "enough");
    EXPECT_THAT(numbers, ElementsAre(0, 1, 2));
    EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(ListenerTest, who_reads_too_slowly_is_told_how_much_is_missing) {
    start();
    constexpr int sent = 50'000;  // of 1 KB, in one turn of the server; what can wait is far less
    int got = 0;
    int missed = 0;
    const auto take = [&](const Json& event) {
        if (!event.is_object()) return;
        if (event.contains("number")) ++got;
        if (event.contains("missed")) missed = event.at("missed").get<int>();
        if (missed != 0) throw std::runtime_error("enough");
    };
    (void)trouble_of([&] { follow(paths(), {"count", {{"events", sent}}}, take); });
    EXPECT_GT(got, 1'000);
    EXPECT_EQ(got + missed, sent);
}

TEST(SocketPath, is_what_is_set) {
    config::ServerSettings settings;
    settings.control_socket = "/srv/x.sock";
    EXPECT_THAT(socket_paths(settings), ElementsAre("/srv/x.sock"));
    settings.control_socket = "";
    EXPECT_TRUE(socket_paths(settings).empty());
}

TEST(SocketPath, follows_from_the_port) {
    config::ServerSettings settings;
    settings.port = 6001;
    for (const fs::path& path : socket_paths(settings)) {
        EXPECT_EQ(path.filename(), "fanfare-6001.sock");
    }
    EXPECT_EQ(socket_paths(settings).front().parent_path(), "/run/fanfare");
}

}  // namespace

}  // namespace fanfare::control
