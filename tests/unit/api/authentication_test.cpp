// SPDX-License-Identifier: MIT
#include "fanfare/api/authentication.hpp"

#include "unit/api/api_app.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace fanfare::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr std::chrono::seconds vector_time{1353088179};

/// A signed request, of which a test changes parts. As it stands it is the POST of appendix B.
struct Request {
    std::string method = "POST";
    std::string path = "/apps/3/events";
    std::string key = "278d425bdf160c739803";
    std::string timestamp = "1353088179";
    std::string version = "1.0";
    std::string body_md5 = "ec365a775a4cd0599faeb73354201b6f";
    std::string signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
    std::string body = R"({"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"})";
    std::string more;  ///< further parameters, with a leading `&`

    /// Signs what `sorted_query` says instead.
    void sign_as(const std::string& signed_path, const std::string& sorted_query) {
        signature = VectorApp().sign(method + "\n" + signed_path + "\n" + sorted_query);
    }

    [[nodiscard]] std::string query() const {
        std::string text = "auth_key=" + key + "&auth_timestamp=" + timestamp;
        if (!version.empty()) text += "&auth_version=" + version;
        if (!body_md5.empty()) text += "&body_md5=" + body_md5;
        if (!signature.empty()) text += "&auth_signature=" + signature;
        return text + more;
    }
};

std::string fault_of(
    const Request& request,
    std::string_view prefix = "",
    std::chrono::seconds tolerance = 600s,
    std::chrono::seconds now = vector_time
) {
    VectorApp world;
    Authentication authentication(prefix, tolerance);
    transport::HttpRequest http;
    http.method = request.method;
    http.path = request.path;
    http.body = request.body;
    const std::string query = request.query();
    http.query = query;
    const auto fault =
        authentication.find_fault(world.app(), http, protocol::QueryString(query), now);
    return fault ? fault->text : "none";
}

Request get(const std::string& path) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.body = "";
    request.body_md5 = "";
    return request;
}

const std::string start =
    "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0";

TEST(Authentication, r080_accepts_the_vectors) {
    EXPECT_EQ(fault_of(Request()), "none");
    Request list = get("/apps/3/channels");
    list.more = "&filter_by_prefix=presence-&info=user_count";
    list.signature = "16819168891cb5dfd72b5c7a5d3d602605b26c6ba1930033b5e2eeeb65010291";
    EXPECT_EQ(fault_of(list), "none");
}

TEST(Authentication, r080_refuses_each_single_change) {
    const auto fault_with = [](auto change) {
        Request request;
        change(request);
        return fault_of(request);
    };
    const std::string mismatch = "Signature mismatch.";
    EXPECT_EQ(fault_with([](Request& r) { r.method = "GET"; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.path = "/apps/3/event"; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.path = "/apps/3/events/"; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.timestamp = "1353088180"; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.version = ""; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.more = "&x=y"; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.signature.back() = 'd'; }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.signature.pop_back(); }), mismatch);
    EXPECT_EQ(fault_with([](Request& r) { r.signature[1] = 'A'; }), mismatch) << "upper case";
    EXPECT_EQ(fault_with([](Request& r) { r.signature = ""; }), "auth_signature is missing.");
    EXPECT_EQ(fault_with([](Request& r) { r.key = "x"; }), "auth_key is not a key of this app.");
    EXPECT_EQ(fault_with([](Request& r) { r.version = "1.1"; }), "auth_version must be 1.0.");
    EXPECT_EQ(fault_with([](Request& r) { r.body += " "; }), "body_md5 does not match the body.");
    EXPECT_EQ(
        fault_with([](Request& r) { r.body_md5[0] = 'E'; }), "body_md5 does not match the body."
    );
}

TEST(Authentication, never_tells_the_right_signature) {
    Request request;
    const std::string right = request.signature;
    request.signature = "0";
    EXPECT_THAT(fault_of(request), Not(HasSubstr(right)));
}

TEST(Authentication, r083_a_body_is_never_unsigned) {
    Request request;
    request.body_md5 = "";
    EXPECT_EQ(fault_of(request), "none") << "the signature covers the computed one";
    request.sign_as(request.path, start);
    EXPECT_EQ(
        fault_of(request),
        "body_md5 is missing, and the signature is not that of the request with it."
    );
}

TEST(Authentication, an_empty_body_may_be_signed_with_its_md5_or_without) {
    Request request = get("/apps/3/channels");
    request.body_md5 = "d41d8cd98f00b204e9800998ecf8427e";
    request.sign_as(request.path, start);
    EXPECT_EQ(fault_of(request), "none");
    request.sign_as(request.path, start + "&body_md5=" + request.body_md5);
    EXPECT_EQ(fault_of(request), "none");
}

TEST(Authentication, r082_accepts_the_path_with_and_without_prefix_encoded_and_decoded) {
    Request request = get("/ws/apps/3/users/a%20b/terminate_connections");
    for (const char* path :
         {"/ws/apps/3/users/a%20b/terminate_connections",
          "/ws/apps/3/users/a b/terminate_connections",
          "/apps/3/users/a%20b/terminate_connections",
          "/apps/3/users/a b/terminate_connections"}) {
        request.sign_as(path, start);
        EXPECT_EQ(fault_of(request, "/ws"), "none") << path;
    }
    request.sign_as("/users/a b/terminate_connections", start);
    EXPECT_EQ(fault_of(request, "/ws"), "Signature mismatch.");
}

TEST(Authentication, r083_joins_array_parameters_and_lowers_keys) {
    Request request = get("/apps/3/channels");
    request.more = "&info[]=a&info[]=b&FILTER_by_prefix=x%26y";
    request.sign_as(request.path, start + "&filter_by_prefix=x&y&info=a,b");
    EXPECT_EQ(fault_of(request), "none");
}

/// The fault of a request that is signed for `timestamp`.
std::string fault_at(const std::string& timestamp, std::chrono::seconds tolerance = 600s) {
    Request request = get("/apps/3/channels");
    request.timestamp = timestamp;
    request.sign_as(
        request.path,
        "auth_key=278d425bdf160c739803&auth_timestamp=" + timestamp + "&auth_version=1.0"
    );
    return fault_of(request, "", tolerance);
}

TEST(Authentication, r081_accepts_a_timestamp_within_the_tolerance) {
    EXPECT_EQ(fault_at("1353087579"), "none");
    EXPECT_EQ(fault_at("1353088779"), "none");
    EXPECT_EQ(
        fault_at("1353087578"),
        "Timestamp is 601 s old (auth_timestamp 1353087578, server time 1353088179, "
        "tolerance 600 s)."
    );
    EXPECT_THAT(fault_at("1353088780"), HasSubstr("Timestamp is 601 s in the future"));
    EXPECT_EQ(fault_at("1353088169", 10s), "none");
    EXPECT_THAT(fault_at("1353088168", 10s), HasSubstr("11 s old"));
}

TEST(Authentication, r081_survives_any_number_as_timestamp) {
    constexpr auto biggest = std::numeric_limits<std::int64_t>::max();
    constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
    EXPECT_THAT(fault_at(std::to_string(biggest)), HasSubstr("s in the future"));
    EXPECT_THAT(fault_at(std::to_string(smallest)), HasSubstr("Timestamp is negative"));
    EXPECT_THAT(fault_at("-1"), HasSubstr("Timestamp is negative"));
    EXPECT_THAT(fault_at("0"), HasSubstr("1353088179 s old"));
    EXPECT_EQ(fault_at("1", 0s), "none") << "a tolerance of 0 accepts all";
    EXPECT_EQ(fault_at(std::to_string(smallest), 0s), "none");
}

TEST(Authentication, r081_wants_a_whole_number_even_without_a_tolerance) {
    for (const char* timestamp :
         {"x", "1353088179.5", "0x5", "1e9", "9223372036854775808", "1353088179x"}) {
        for (const auto tolerance : {600s, 0s}) {
            EXPECT_EQ(
                fault_at(timestamp, tolerance), "auth_timestamp must be a time in whole seconds."
            ) << timestamp;
        }
    }
}

/// What the fault of a request is counted as.
Counter cause_of(const Request& request) {
    VectorApp world;
    Authentication authentication("", 600s);
    transport::HttpRequest http;
    http.method = request.method;
    http.path = request.path;
    http.body = request.body;
    const std::string query = request.query();
    const auto fault =
        authentication.find_fault(world.app(), http, protocol::QueryString(query), vector_time);
    return fault.value().cause;
}

TEST(Authentication, every_cause_is_counted_apart) {
    const auto cause_with = [](auto change) {
        Request request;
        change(request);
        return cause_of(request);
    };
    EXPECT_EQ(cause_with([](Request& r) { r.signature = ""; }), Counter::api_signature_missing);
    EXPECT_EQ(cause_with([](Request& r) { r.key = "x"; }), Counter::api_unknown_key);
    EXPECT_EQ(cause_with([](Request& r) { r.key = ""; }), Counter::api_unknown_key);
    EXPECT_EQ(cause_with([](Request& r) { r.version = "1.1"; }), Counter::api_auth_version);
    EXPECT_EQ(cause_with([](Request& r) { r.timestamp = ""; }), Counter::api_timestamp_missing);
    EXPECT_EQ(cause_with([](Request& r) { r.timestamp = "x"; }), Counter::api_timestamp_malformed);
    EXPECT_EQ(cause_with([](Request& r) { r.timestamp = "1"; }), Counter::api_clock_skew);
    EXPECT_EQ(cause_with([](Request& r) { r.body += " "; }), Counter::api_body_md5_mismatch);
    EXPECT_EQ(
        cause_with([](Request& r) {
            r.body_md5 = "";
            r.signature[0] = 'x';
        }),
        Counter::api_body_md5_missing
    );
    EXPECT_EQ(
        cause_with([](Request& r) { r.signature[0] = 'x'; }), Counter::api_signature_mismatch
    );
}

TEST(Authentication, tells_the_log_what_should_have_been_signed) {
    const Request request;
    transport::HttpRequest http;
    http.method = request.method;
    http.path = request.path;
    http.body = request.body;
    const std::string query = request.query();
    const std::string text =
        Authentication("", 600s).text_to_sign(http, protocol::QueryString(query));
    EXPECT_EQ(text, "POST\n/apps/3/events\n" + start + "&body_md5=" + request.body_md5);
    EXPECT_EQ(VectorApp().sign(text), request.signature);
}

}  // namespace
}  // namespace fanfare::api::testing
