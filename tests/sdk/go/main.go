// SPDX-License-Identifier: MIT

// The exchange of tests/sdk/README.md with the official Go SDK. Arguments: host, port, app id, key,
// secret, a socket_id to exclude. Prints one JSON object with what the SDK returned.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pusher/pusher-http-go/v5"
)

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func main() {
	socketID := os.Args[6]
	sdk := pusher.Client{
		Host: os.Args[1] + ":" + os.Args[2], AppID: os.Args[3], Key: os.Args[4], Secret: os.Args[5],
	}

	one := map[string]interface{}{"text": "é/\"<>", "list": []int{}}
	check("trigger", sdk.TriggerMulti([]string{"sdk", "private-sdk"}, "one", one))
	_, err := sdk.TriggerWithParams("sdk", "two", "to others", pusher.TriggerParams{SocketID: &socketID})
	check("trigger to others", err)
	batch, err := sdk.TriggerBatch([]pusher.Event{
		{Channel: "sdk", Name: "batch-1", Data: "1"},
		{Channel: "sdk", Name: "batch-2", Data: map[string]int{"n": 2}},
	})
	check("batch", err)

	prefix, userCount, subscriptionCount := "presence-", "user_count", "subscription_count"
	channels, err := sdk.Channels(pusher.ChannelsParams{FilterByPrefix: &prefix, Info: &userCount})
	check("channels", err)
	none := "presence-none"
	empty, err := sdk.Channels(pusher.ChannelsParams{FilterByPrefix: &none})
	check("no channels", err)
	channel, err := sdk.Channel("sdk", pusher.ChannelParams{Info: &subscriptionCount})
	check("channel", err)
	users, err := sdk.GetChannelUsers("presence-sdk")
	check("users", err)

	wrong := sdk
	wrong.Secret = "wrong"
	refused := wrong.Trigger("sdk", "never", 1)
	if refused == nil {
		check("wrong secret", fmt.Errorf("accepted"))
	}

	check("print", json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"batch":    len(batch.Batch),
		"channels": channels.Channels["presence-sdk"].UserCount,
		"empty":    len(empty.Channels),
		"channel":  map[string]interface{}{"occupied": channel.Occupied, "count": channel.SubscriptionCount},
		"users":    users.List,
		"refused":  refused.Error(),
	}))
}
