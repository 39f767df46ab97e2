// SPDX-License-Identifier: MIT
#include "fanfare/base/crypto.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare {
namespace {

constexpr std::string_view pusher_secret = "7ad3773142a6692b25b8";

struct Vector {
    std::string_view text;
    std::string_view hex;
};

// protocol.md Appendix B.
constexpr Vector pusher_vectors[] = {
    {"1234.1234:private-foobar",
     "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"},
    {R"(1234.1234:presence-foobar:{"user_id":10,"user_info":{"name":"Mr. Channels"}})",
     "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"},
    {R"(1234.1234::user::{"id":"12345"})",
     "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"},
    {"GET\n/apps/3/channels\nauth_key=278d425bdf160c739803&auth_timestamp=1353088179&"
     "auth_version=1.0&filter_by_prefix=presence-&info=user_count",
     "16819168891cb5dfd72b5c7a5d3d602605b26c6ba1930033b5e2eeeb65010291"},
    {"POST\n/apps/3/events\nauth_key=278d425bdf160c739803&auth_timestamp=1353088179&"
     "auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f",
     "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"},
    {R"({"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"my-channel"}]})",
     "c19001ae3963ccb13bf618e5b16ba9848e7e74df0993aa0689168e341c6833cf"},
};

std::string hmac(HmacSha256& signer, std::string_view text) {
    const auto hex = signer.hex(text);
    return {hex.data(), hex.size()};
}

std::string md5(Md5& digest, std::string_view text) {
    const auto hex = digest.hex(text);
    return {hex.data(), hex.size()};
}

TEST(HmacSha256, agrees_with_the_vectors_of_the_protocol) {
    HmacSha256 signer(pusher_secret);
    for (const Vector& vector : pusher_vectors) {
        EXPECT_EQ(hmac(signer, vector.text), vector.hex) << vector.text;
        EXPECT_TRUE(signer.verify(vector.text, vector.hex)) << vector.text;
    }
}

TEST(HmacSha256, gives_the_same_answer_each_time) {
    HmacSha256 signer(pusher_secret);
    const std::string first = hmac(signer, "a");
    (void)hmac(signer, "another text");
    EXPECT_EQ(hmac(signer, "a"), first);
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than the block).
TEST(HmacSha256, agrees_with_the_rfc) {
    HmacSha256 binary_key(std::string(20, '\x0b'));
    EXPECT_EQ(
        hmac(binary_key, "Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    HmacSha256 jefe("Jefe");
    EXPECT_EQ(
        hmac(jefe, "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    HmacSha256 long_key(std::string(131, '\xaa'));
    EXPECT_EQ(
        hmac(long_key, "Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

TEST(HmacSha256, signs_with_an_empty_key) {
    HmacSha256 signer("");
    constexpr std::string_view of_nothing =
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    EXPECT_EQ(hmac(signer, ""), of_nothing);
    EXPECT_NE(hmac(signer, "x"), of_nothing);
    EXPECT_EQ(hmac(signer, ""), of_nothing);
}

TEST(HmacSha256, an_empty_view_without_memory_is_a_key_and_a_text_too) {
    HmacSha256 signer{std::string_view()};
    EXPECT_EQ(
        hmac(signer, std::string_view()),
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    );
}

TEST(HmacSha256, two_keys_do_not_disturb_each_other) {
    HmacSha256 one("one");
    HmacSha256 two("two");
    const std::string before = hmac(one, "text");
    EXPECT_NE(hmac(two, "text"), before);
    EXPECT_EQ(hmac(one, "text"), before);
}

TEST(HmacSha256, keeps_its_key_when_moved) {
    HmacSha256 source(pusher_secret);
    HmacSha256 moved(std::move(source));
    EXPECT_EQ(hmac(moved, pusher_vectors[0].text), pusher_vectors[0].hex);
    HmacSha256 assigned("other");
    assigned = std::move(moved);
    EXPECT_EQ(hmac(assigned, pusher_vectors[0].text), pusher_vectors[0].hex);
}

TEST(HmacSha256, r040_refuses_every_other_signature) {
    HmacSha256 signer(pusher_secret);
    const std::string_view text = pusher_vectors[0].text;
    const std::string good(pusher_vectors[0].hex);

    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_FALSE(signer.verify(text, upper)) << "upper case";
    EXPECT_FALSE(signer.verify(text, good.substr(0, 63))) << "one digit short";
    EXPECT_FALSE(signer.verify(text, good + "0")) << "one digit long";
    EXPECT_FALSE(signer.verify(text, "")) << "empty";
    EXPECT_FALSE(signer.verify(text, " " + good.substr(1)));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string changed = good;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(signer.verify(text, changed)) << "digit " << i;
    }
    EXPECT_FALSE(signer.verify("1234.1235:private-foobar", good)) << "other socket";
    HmacSha256 other_secret("7ad3773142a6692b25b9");
    EXPECT_FALSE(other_secret.verify(text, good));
}

// RFC 1321, appendix A.5.
TEST(Md5, agrees_with_the_rfc) {
    Md5 digest;
    EXPECT_EQ(md5(digest, ""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5(digest, "a"), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(md5(digest, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(md5(digest, ""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Md5, agrees_with_the_vector_of_the_protocol) {
    Md5 digest;
    EXPECT_EQ(
        md5(digest, R"({"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"})"),
        "ec365a775a4cd0599faeb73354201b6f"
    );
}

TEST(ConstantTimeComparison, tells_equal_from_different) {
    EXPECT_TRUE(is_equal_in_constant_time("abc", "abc"));
    EXPECT_TRUE(is_equal_in_constant_time("", ""));
    EXPECT_TRUE(is_equal_in_constant_time(std::string_view(), ""));
    EXPECT_FALSE(is_equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(is_equal_in_constant_time("abc", "xbc"));
    EXPECT_FALSE(is_equal_in_constant_time("abc", "ab"));
    EXPECT_FALSE(is_equal_in_constant_time("", "a"));
}

// RFC 6455, section 1.3.
TEST(WebSocketAccept, r001_agrees_with_the_rfc) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace fanfare
