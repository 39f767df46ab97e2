# SPDX-License-Identifier: MIT
"""The exchange of tests/sdk/README.md with the official Python SDK. Arguments: host, port, app id, key,
secret, a socket_id to exclude. Prints one JSON object with what the SDK returned."""

import json
import sys

import pusher
from pusher.errors import PusherForbidden, PusherBadAuth

host, port, app_id, key, secret, socket_id = sys.argv[1:]


def client(secret):
    return pusher.Pusher(
        app_id=app_id, key=key, secret=secret, host=host, port=int(port), ssl=False
    )


sdk = client(secret)
sdk.trigger(["sdk", "private-sdk"], "one", {"text": "é/\"<>", "list": []})
sdk.trigger("sdk", "two", "to others", socket_id=socket_id)
batch = sdk.trigger_batch(
    [
        {"channel": "sdk", "name": "batch-1", "data": "1"},
        {"channel": "sdk", "name": "batch-2", "data": {"n": 2}},
    ]
)

try:
    client("wrong").trigger("sdk", "never", {})
    refused = ""
except (PusherBadAuth, PusherForbidden) as error:
    refused = str(error)

json.dump(
    {
        "batch": batch,
        "channels": sdk.channels_info("presence-", ["user_count"]),
        "channel": sdk.channel_info("sdk", ["subscription_count"]),
        "users": sdk.users_info("presence-sdk"),
        "refused": refused,
    },
    sys.stdout,
)
