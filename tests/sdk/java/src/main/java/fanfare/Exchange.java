// SPDX-License-Identifier: MIT
package fanfare;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.pusher.rest.Pusher;
import com.pusher.rest.data.Event;
import com.pusher.rest.data.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The exchange of tests/sdk/README.md with the official Java SDK. Arguments: host, port, app id, key,
 * secret, a socket_id to exclude. Prints one JSON object with what the SDK returned.
 */
public final class Exchange {
    private Exchange() {}

    public static void main(String[] args) {
        Pusher sdk = client(args, args[4]);
        String socketId = args[5];

        Map<String, Object> one = new LinkedHashMap<>();
        one.put("text", "é/\"<>");
        one.put("list", List.of());
        success(sdk.trigger(List.of("sdk", "private-sdk"), "one", one));
        success(sdk.trigger("sdk", "two", "to others", socketId));
        Result batch = sdk.trigger(List.of(
            new Event("sdk", "batch-1", "1"), new Event("sdk", "batch-2", Map.of("n", 2))));

        Map<String, String> listing = Map.of("filter_by_prefix", "presence-", "info", "user_count");
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("batch", success(batch));
        report.put("channels", success(sdk.get("/channels", listing)));
        report.put("channel", success(sdk.get("/channels/sdk", Map.of("info", "subscription_count"))));
        report.put("users", success(sdk.get("/channels/presence-sdk/users")));
        report.put("refused", client(args, "wrong").trigger("sdk", "never", 1).getStatus().name());
        System.out.println(new Gson().toJson(report));
        System.exit(0);
    }

    private static Pusher client(String[] args, String secret) {
        Pusher sdk = new Pusher(args[2], args[3], secret);
        sdk.setHost(args[0] + ":" + args[1]);
        sdk.setEncrypted(false);
        return sdk;
    }

    private static JsonElement success(Result result) {
        if (result.getStatus() != Result.Status.SUCCESS) {
            throw new IllegalStateException(result.getHttpStatus() + " " + result.getMessage());
        }
        return JsonParser.parseString(result.getMessage());
    }
}
