// SPDX-License-Identifier: MIT
#include "field_errors.hpp"

#include <gtest/gtest.h>

namespace fanfare::api {
namespace {

TEST(FieldErrors, are_an_object_from_field_to_a_list_of_texts) {
    FieldErrors errors;
    EXPECT_TRUE(errors.is_empty());
    EXPECT_EQ(errors.to_json(), "{}");
    errors.add("name", "is required.");
    errors.add("socket_id", "must be a string.");
    EXPECT_FALSE(errors.is_empty());
    EXPECT_EQ(
        errors.to_json(),
        R"({"name":["The name field is required."],)"
        R"("socket_id":["The socket id field must be a string."]})"
    );
}

TEST(FieldErrors, keep_the_order_in_which_they_were_found) {
    FieldErrors errors;
    errors.add("z", "is odd.");
    errors.add("a", "is odd.");
    EXPECT_EQ(errors.to_json(), R"({"z":["The z field is odd."],"a":["The a field is odd."]})");
}

TEST(FieldErrors, show_the_path_of_a_batch_item_as_laravel_does) {
    FieldErrors errors;
    errors.add("batch.0.socket_id", "must be a string.");
    EXPECT_EQ(
        errors.to_json(),
        R"({"batch.0.socket_id":["The batch.0.socket id field must be a string."]})"
    );
}

}  // namespace
}  // namespace fanfare::api
