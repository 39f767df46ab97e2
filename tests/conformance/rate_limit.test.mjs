// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, pace } from '../support/deadline.mjs';
import { opcode } from '../support/frames.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const limited = (more) => ({
    rate_limiting: { enabled: true, max_attempts: 3, decay_seconds: 1, terminate_on_limit: false, ...more },
});
const tooFast = 'Rate limit exceeded';
const quietly = { channel: 'x' }; // an unknown event with a channel has no answer

describe('rate limit', () => {
    const apps = [
        testApp(limited()),
        namedApp('strict', limited({ terminate_on_limit: true, decay_seconds: 60 })),
        namedApp('minute', limited({ decay_seconds: 60 })),
    ];
    const [, strict, minute] = apps;
    const daemon = useDaemon({ apps });

    test('r025_message_n_plus_1_in_the_window_is_refused_and_dropped', async () => {
        const client = await PusherClient.connect(daemon, { app: minute });
        for (let i = 0; i < 3; i += 1) client.send('foo', quietly);
        client.send('pusher:subscribe', { data: { channel: 'dropped' } });
        await client.expectError(4301, tooFast);
        client.send('pusher:subscribe', { data: { channel: 'dropped' } });
        await client.expectError(4301, tooFast);
        await client.expectNothing();
        const state = await daemon.api(minute).query('/channels/dropped');
        assert.deepEqual(state, { occupied: false });
    });

    test('r025_the_limit_is_per_connection', async () => {
        const [one, other] = [
            await PusherClient.connect(daemon, { app: minute }),
            await PusherClient.connect(daemon, { app: minute }),
        ];
        for (let i = 0; i < 4; i += 1) one.send('foo', quietly);
        await one.expectError(4301, tooFast);
        await other.subscribe('free');
    });

    test('r025_the_window_ends_after_decay_seconds', async () => {
        const client = await PusherClient.connect(daemon);
        for (let round = 0; round < 2; round += 1) {
            const start = Date.now();
            for (let i = 0; i < 4; i += 1) client.send('foo', quietly);
            await client.expectError(4301, tooFast);
            await eventually(async () => {
                await pace(100);
                client.send('pusher:subscribe', { data: { channel: 'again' } });
                const got = await client.next('an answer to subscribe');
                return got.event === 'pusher_internal:subscription_succeeded';
            }, 'the window to end');
            assert.ok(Date.now() - start > 700, 'the window was shorter than decay_seconds');
            // The next round starts in a window of its own.
            await pace(1300);
        }
    });

    test('r025_pings_and_pongs_do_not_count_and_are_answered_over_the_limit', async () => {
        const client = await PusherClient.connect(daemon, { app: minute });
        for (let i = 0; i < 10; i += 1) await client.expectNothing();
        for (let i = 0; i < 10; i += 1) client.send('pusher:pong', { data: {} });
        client.socket.send({ op: opcode.ping, payload: 'x' });
        await client.socket.expectFrame(opcode.pong, 'x');
        for (let i = 0; i < 3; i += 1) client.send('foo', quietly);
        await client.expectNothing();
        client.send('foo', quietly);
        await client.expectError(4301, tooFast);
        await client.expectNothing();
    });

    test('r025_with_terminate_the_close_code_is_4100', async () => {
        const client = await PusherClient.connect(daemon, { app: strict });
        for (let i = 0; i < 4; i += 1) client.send('foo', quietly);
        await client.expectError(4301, tooFast);
        // Whether a second error frame (4100) comes between is open; the close code is not.
        const { messages } = await client.socket.expectClose(4100);
        for (const text of messages) assert.match(text, /"pusher:error"/);
    });

    test('r014_no_limit_closes_with_43xx', async () => {
        const flooded = await PusherClient.connect(daemon, { app: strict });
        for (let i = 0; i < 30; i += 1) flooded.sendText('{');
        const code = await eventually(async () => {
            const frame = await flooded.socket.next('CLOSE');
            return frame.op === opcode.close && frame.payload.readUInt16BE(0);
        }, 'CLOSE');
        assert.equal(code, 4100);
    });
});
