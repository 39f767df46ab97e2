// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const frame = (count, channel) =>
    `{"event":"pusher_internal:subscription_count","data":"{\\"subscription_count\\":${count}}","channel":"${channel}"}`;

describe('subscription counts', () => {
    const apps = [testApp({ subscription_count: true }), namedApp('off')];
    const daemon = useDaemon({ apps });
    const connect = (app = apps[0]) => PusherClient.connect(daemon, { app });

    test('r075_each_change_is_told_to_all_with_the_new_one_after_its_confirmation', async () => {
        const [one, two] = [await connect(), await connect()];
        await one.subscribe('news');
        await one.expectText(frame(1, 'news'));
        await two.subscribe('news');
        for (const client of [one, two]) await client.expectText(frame(2, 'news'));
        await one.subscribe('news');
        two.unsubscribe('news');
        await one.expectText(frame(1, 'news'));
        await two.expectNothing();
    });

    test('r075_private_channels_too_but_not_presence', async () => {
        const client = await connect();
        await client.subscribe('private-news');
        await client.expectText(frame(1, 'private-news'));
        await client.join('presence-news', '7');
        await client.fence(daemon.api(), 'presence-news');
    });

    test('r075_a_large_channel_is_told_once_in_five_seconds', async () => {
        const first = await connect();
        await first.subscribe('large');
        const others = await Promise.all(Array.from({ length: 119 }, () => connect()));
        for (const client of others) client.sendSubscribe('large');
        const counts = [];
        const start = Date.now();
        while (counts.at(-1) !== 120) {
            const got = await first.expect('pusher_internal:subscription_count', undefined, 15_000);
            counts.push(got.inner().subscription_count);
        }
        const large = counts.filter((count) => count > 100);
        assert.ok(large.length <= 2, `told of ${large}`);
        assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
        if (large.length === 2) assert.ok(Date.now() - start > 3000);
        for (const client of [first, ...others]) client.socket.destroy();
    });

    test('r075_off_by_default', async () => {
        const client = await connect(apps[1]);
        await client.subscribe('news');
        await client.fence(daemon.api(apps[1]), 'news');
    });
});
