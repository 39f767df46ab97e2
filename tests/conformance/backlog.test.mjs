// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('slow reader', () => {
    const size = 400_000;
    const daemon = useDaemon({
        server: { max_backlog: 1_000_000, max_request_size: 1_000_000 },
        apps: [testApp({ max_message_size: 1_000_000 })],
    });

    test('r026_a_subscriber_that_does_not_read_is_closed_with_4100_and_delays_nobody', async () => {
        const [good, resuming, dead] = await Promise.all(
            Array.from({ length: 3 }, () => PusherClient.connect(daemon)),
        );
        for (const client of [good, resuming, dead]) await client.subscribe('feed');
        resuming.socket.socket.pause();
        dead.socket.socket.pause();
        const api = daemon.api();
        await eventually(async () => (await api.connections()) === 3, 'three connections');

        // More than the kernel's buffers on both sides plus the bound can hold.
        const data = 'x'.repeat(size);
        let published = 0;
        while (published < 60) {
            await api.publish('feed', `e${published}`, data);
            await good.expect(`e${published}`, (got) => got.data.length === size);
            published += 1;
        }
        await eventually(
            async () => (await api.connections()) === 1,
            'both slow readers are given up',
            4 * DEADLINE,
        );

        // Who resumes finds an unbroken run of events, then the reason.
        resuming.socket.socket.resume();
        let next = 0;
        for (;;) {
            const got = await resuming.next('events, then the error');
            if (got.event === 'pusher:error') {
                assert.deepEqual(got.inner(), { code: 4100, message: 'Over capacity' });
                break;
            }
            assert.equal(got.event, `e${next}`);
            next += 1;
        }
        assert.ok(next < published);
        await resuming.socket.expectClose(4100);
        await good.fence(api, 'feed');
    });

    test('r026_a_short_pause_below_the_bound_loses_nothing', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('burst');
        client.socket.socket.pause();
        const api = daemon.api();
        for (let i = 0; i < 5; i += 1) await api.publish('burst', `b${i}`, 'y'.repeat(100_000));
        client.socket.socket.resume();
        for (let i = 0; i < 5; i += 1) await client.expect(`b${i}`);
        await client.expectNothing();
    });
});
