// SPDX-License-Identifier: MIT
// Every way of leaving a presence channel, and the API's way of making users leave.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { opcode } from '../support/frames.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const disconnected = 'You got disconnected by the app.';

describe('leaving', () => {
    const apps = [
        testApp(),
        namedApp('quick', { ping_interval: 1, pong_timeout: 1 }),
        namedApp('soft', { terminate_close_code: 4200 }),
    ];
    const [app, quick, soft] = apps;
    const daemon = useDaemon({ apps });
    const connect = (of = app) => PusherClient.connect(daemon, { app: of });

    /// A watcher sees user 7 come, go by `leave`, and nothing else.
    async function expectOneRemoval(channel, leave) {
        const watching = await connect();
        await watching.join(channel, 'watcher');
        const client = await connect();
        await client.join(channel, '7');
        await watching.expect('pusher_internal:member_added');
        await leave(client);
        await watching.expectText(
            `{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":\\"7\\"}","channel":"${channel}"}`,
        );
        await watching.fence(daemon.api(), channel);
        const users = await daemon.api().query(`/channels/${channel}/users`);
        assert.deepEqual(users, { users: [{ id: 'watcher' }] });
    }

    test('r049_unsubscribe', () =>
        expectOneRemoval('presence-unsubscribe', (client) => client.unsubscribe('presence-unsubscribe')));

    test('r049_close_frame', () =>
        expectOneRemoval('presence-close', (client) => client.socket.sendClose(1000)));

    test('r049_unsubscribe_and_close_together', () =>
        expectOneRemoval('presence-both', (client) => {
            client.unsubscribe('presence-both');
            client.socket.sendClose(1001);
        }));

    test('r049_tcp_end_without_close_frame', () =>
        expectOneRemoval('presence-fin', (client) => client.socket.socket.end()));

    test('r049_tcp_reset', () =>
        expectOneRemoval('presence-rst', (client) => client.socket.reset()));

    test('r049_protocol_failure', () =>
        expectOneRemoval('presence-failure', (client) => client.socket.send({ op: 5 })));

    test('r049_terminate', () =>
        expectOneRemoval('presence-terminate', async () => {
            const response = await daemon.api().post('/users/7/terminate_connections', '{}');
            assert.equal(response.status, 200);
        }));

    test('r049_prune', async () => {
        const channel = 'presence-prune';
        const watching = await connect(quick);
        await watching.join(channel, 'watcher');
        const client = await connect(quick);
        await client.join(channel, '7');
        await watching.expect('pusher_internal:member_added');
        // The watcher is pinged as well, before and after.
        const events = [];
        while (events.at(-1) !== 'end') {
            const got = await watching.next('a ping, the removal or the end');
            if (got.event === 'pusher:ping') {
                watching.send('pusher:pong', { data: {} });
                continue;
            }
            events.push(got.event);
            if (events.length === 1) await daemon.api(quick).publish(channel, 'end', '1');
        }
        assert.deepEqual(events, ['pusher_internal:member_removed', 'end']);
        await client.seek('pusher:error', (got) => got.inner().code === 4201);
    });

    test('r073_terminate_closes_the_users_presence_connections_and_no_other', async () => {
        const channel = 'presence-team';
        const mine = [await connect(), await connect(), await connect()];
        await mine[0].join(channel, 'bob');
        await mine[1].join(channel, 'bob');
        await mine[2].join('presence-elsewhere', 'bob');
        const others = [await connect(), await connect(), await connect()];
        await others[0].join(channel, 'bobby');
        await others[1].subscribe('public');
        await others[2].subscribe('private-bob');
        const foreign = await connect(soft);
        await foreign.join(channel, 'bob');

        const response = await daemon.api().post('/users/bob/terminate_connections', '{}');
        assert.equal(response.status, 200);
        assert.equal(response.body, '{}');
        for (const client of mine) {
            const error = await client.seek('pusher:error');
            assert.deepEqual(error.inner(), { code: 4009, message: disconnected });
            const close = await client.socket.expectClose(4009);
            assert.equal(close.reason, disconnected);
        }
        await others[0].seek('pusher_internal:member_removed');
        for (const client of others) await client.expectNothing();
        await foreign.expectNothing();
    });

    test('r073_a_numeric_user_id_and_an_encoded_one_are_found', async () => {
        const numeric = await connect();
        await numeric.join('presence-n', 77);
        const strange = await connect();
        const id = 'a b/c@ü#?';
        await strange.join('presence-n', id);
        for (const [client, path] of [[numeric, '77'], [strange, encodeURIComponent(id)]]) {
            const response = await daemon.api().post(`/users/${path}/terminate_connections`, '{}');
            assert.equal(response.status, 200, response.body);
            await client.seek('pusher:error', (got) => got.inner().code === 4009);
        }
    });

    test('r073_terminate_is_200_for_nobody_and_with_an_empty_body', async () => {
        for (const body of ['{}', '']) {
            const response = await daemon.api().post('/users/nobody/terminate_connections', body);
            assert.equal(response.status, 200, response.body);
            assert.equal(response.body, '{}');
        }
    });

    test('r073_the_close_code_is_configurable', async () => {
        const client = await connect(soft);
        await client.join('presence-s', '1');
        await daemon.api(soft).post('/users/1/terminate_connections', '{}');
        await client.expect('pusher:error');
        await client.socket.expectClose(4200);
    });

    test('r049_all_channels_of_a_dead_connection_are_left', async () => {
        const client = await connect();
        const channels = ['left-1', 'left-2', 'private-left', 'presence-left'];
        for (const channel of channels) {
            await client.subscribe(channel, channel.startsWith('presence') ? '{"user_id":"1"}' : undefined);
        }
        client.socket.send({ op: opcode.ping });
        client.socket.reset();
        for (const channel of channels) {
            await eventually(
                async () => !(await daemon.api().query(`/channels/${channel}`)).occupied,
                `${channel} is vacated`,
            );
        }
    });
});
