// SPDX-License-Identifier: MIT
#include "descriptor_pipe.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace fanfare::server {

namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class DescriptorPipeTest : public ::testing::Test {
protected:
    DescriptorPipeTest() {
        const auto [one, other] = make_descriptor_pipe();
        here.emplace(one);
        there.emplace(other);
    }

    std::optional<DescriptorPipe> here;
    std::optional<DescriptorPipe> there;
};

TEST_F(DescriptorPipeTest, keeps_messages_apart) {
    here->send("one");
    here->send("");
    here->send(std::string(100, 'x'));
    EXPECT_EQ(there->receive().bytes, "one");
    EXPECT_EQ(there->receive().bytes, "");
    EXPECT_EQ(there->receive().bytes, std::string(100, 'x'));
}

TEST_F(DescriptorPipeTest, passes_more_than_the_socket_holds) {
    const std::string bytes(5'000'000, 'x');
    auto received = std::async(std::launch::async, [this] { return there->receive(); });
    here->send(bytes);
    EXPECT_EQ(received.get().bytes == bytes, true);
}

TEST_F(DescriptorPipeTest, passes_more_descriptors_than_the_kernel_takes_at_once) {
    std::vector<int> fds;
    for (int i = 0; i < 300; ++i) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const std::string text = std::to_string(i);
        ASSERT_GT(::write(ends[1], text.data(), text.size()), 0);
        ::close(ends[1]);
        fds.push_back(ends[0]);
    }
    auto received = std::async(std::launch::async, [this] { return there->receive(); });
    here->send("with descriptors", fds);
    const PipeMessage message = received.get();
    for (const int fd : fds) ::close(fd);
    EXPECT_EQ(message.bytes, "with descriptors");
    ASSERT_THAT(message.fds, SizeIs(300));
    for (std::size_t i = 0; i < message.fds.size(); ++i) {
        std::array<char, 16> text{};
        EXPECT_GT(::read(message.fds[i], text.data(), text.size()), 0);
        EXPECT_EQ(std::string(text.data()), std::to_string(i));
        ::close(message.fds[i]);
    }
}

TEST_F(DescriptorPipeTest, notices_the_end_of_the_other_one) {
    there.reset();
    EXPECT_THROW((void)here->receive(), std::runtime_error);
    EXPECT_THROW(here->send("anybody?"), std::runtime_error);
}

TEST_F(DescriptorPipeTest, is_not_patient_for_ever) {
    here->be_patient(std::chrono::seconds(1));
    EXPECT_THROW((void)here->receive(), std::runtime_error);
}

}  // namespace

}  // namespace fanfare::server
