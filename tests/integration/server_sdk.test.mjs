// SPDX-License-Identifier: MIT
// The official Node server SDK: what it sends is accepted, what it gets back it understands.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverSdk } from '../support/clients.mjs';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('pusher SDK for Node', () => {
    const limit = 10_000;
    const apps = [testApp(), namedApp('wrong')];
    const daemon = useDaemon({ apps, server: { max_request_size: limit } });
    const sdk = () => serverSdk(daemon);
    const connect = () => PusherClient.connect(daemon);
    const json = async (request) => (await request).json();

    async function subscriber(...channels) {
        const client = await connect();
        for (const channel of channels) await client.subscribe(channel);
        return client;
    }

    /// The SDK rejects with the status and body of the answer.
    async function refusal(request) {
        try {
            await request;
        } catch (error) {
            return error;
        }
        return assert.fail('the request succeeded');
    }

    test('r096_node_trigger_on_one_and_on_100_channels', async () => {
        const client = await subscriber('one', 'many-99');
        await sdk().trigger('one', 'e', { a: 1 });
        await client.expect('e', (got) => got.data === '{"a":1}');
        await sdk().trigger(Array.from({ length: 100 }, (_, i) => `many-${i}`), 'e', 'text');
        await client.expect('e', (got) => got.channel === 'many-99' && got.data === 'text');
    });

    test('r096_node_trigger_with_socket_id_and_info', async () => {
        const [sender, other] = [await subscriber('board'), await subscriber('board')];
        const answer = await json(
            sdk().trigger('board', 'e', {}, { socket_id: sender.socketId, info: 'subscription_count' }),
        );
        assert.deepEqual(answer, { channels: { board: { subscription_count: 2 } } });
        await other.expect('e');
        await sender.fence(daemon.api(), 'board');
    });

    test('r096_node_trigger_batch', async () => {
        const client = await subscriber('batch');
        const item = (i) => ({ channel: 'batch', name: `n${i}`, data: { i } });
        assert.deepEqual(await json(sdk().triggerBatch([item(1), item(2)])), { batch: [] });
        await client.expect('n1', (got) => got.data === '{"i":1}');
        await client.expect('n2');
        const counted = { ...item(3), info: 'subscription_count' };
        assert.deepEqual(await json(sdk().triggerBatch([counted])), { batch: [{ subscription_count: 1 }] });
    });

    test('r096_node_channels_channel_info_and_users', async () => {
        await subscriber('listed');
        const member = await connect();
        await member.join('presence-listed', '7');
        const all = await json(sdk().get({ path: '/channels', params: { filter_by_prefix: 'presence-listed', info: 'user_count' } }));
        assert.deepEqual(all, { channels: { 'presence-listed': { user_count: 1 } } });
        const one = await json(sdk().get({ path: '/channels/listed', params: { info: 'subscription_count' } }));
        assert.deepEqual(one, { occupied: true, subscription_count: 1 });
        const users = await json(sdk().get({ path: '/channels/presence-listed/users' }));
        assert.deepEqual(users, { users: [{ id: '7' }] });
    });

    test('r096_node_terminate_user_connections', async () => {
        const client = await connect();
        await client.join('presence-kick', 'bob');
        const response = await sdk().terminateUserConnections('bob');
        assert.equal(response.status, 200);
        await client.expectError(4009, 'You got disconnected by the app.');
    });

    test('r080_a_wrong_secret_is_told_as_401', async () => {
        const error = await refusal(serverSdk(daemon, { ...apps[0], secret: 'wrong' }).trigger('c', 'e', {}));
        assert.equal(error.status, 401);
        assert.match(error.body, /Authentication signature invalid/);
        const unknown = await refusal(serverSdk(daemon, { ...apps[0], app_id: 'nobody' }).trigger('c', 'e', {}));
        assert.equal(unknown.status, 404);
    });

    test('r094_a_large_event_fits_up_to_the_limit_and_413_names_the_setting', async () => {
        const client = await subscriber('large');
        const large = 'x'.repeat(limit - 1000);
        await sdk().trigger('large', 'e', large);
        await client.expect('e', (got) => got.data === large);
        const error = await refusal(sdk().trigger('large', 'e', 'x'.repeat(limit)));
        assert.equal(error.status, 413);
        assert.match(error.body, /Payload too large\. .*max_request_size/);
        await client.fence(daemon.api(), 'large');
    });
});
