// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, settled, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, inWaves } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('queries', () => {
    const apps = [
        testApp(),
        namedApp('lists'),
        namedApp('empty'),
        namedApp('counts'),
        namedApp('lenient', { channel_charset: 'lenient' }),
    ];
    const [app, lists, empty, counts, lenient] = apps;
    const daemon = useDaemon({ apps });
    const connect = (of = app) => PusherClient.connect(daemon, { app: of });

    test('r090_no_channels_is_an_empty_map', async () => {
        for (const params of [{}, { filter_by_prefix: 'presence-' }, { info: 'user_count' }]) {
            const answer = await daemon.api(empty).get('/channels', params);
            assert.equal(answer.status, 200);
            assert.equal(answer.body, '{"channels":{}}');
        }
    });

    test('r090_lists_occupied_channels_with_filter_and_info', async () => {
        const api = daemon.api(lists);
        const [one, two] = [await connect(lists), await connect(lists)];
        for (const channel of ['alpha', 'beta', 'private-a']) await one.subscribe(channel);
        await two.subscribe('alpha');
        await one.join('presence-a', '1');
        await two.join('presence-a', '1');
        await two.join('presence-b', '2');
        await api.publish('published-only', 'e', '1');

        const all = await api.query('/channels');
        assert.deepEqual(Object.keys(all.channels).sort(), [
            'alpha',
            'beta',
            'presence-a',
            'presence-b',
            'private-a',
        ]);
        for (const attributes of Object.values(all.channels)) {
            assert.deepEqual(attributes, {});
            assert.ok(!Array.isArray(attributes));
        }
        const presence = await api.query('/channels', { filter_by_prefix: 'presence-', info: 'user_count' });
        assert.deepEqual(presence.channels, {
            'presence-a': { user_count: 1 },
            'presence-b': { user_count: 1 },
        });
        const counted = await api.query('/channels', { info: 'subscription_count,user_count,nonsense' });
        assert.deepEqual(counted.channels.alpha, { subscription_count: 2 });
        assert.deepEqual(counted.channels['presence-b'], { user_count: 1 });
        const unfiltered = await api.query('/channels', { filter_by_prefix: '' });
        assert.equal(Object.keys(unfiltered.channels).length, 5);
        const exact = await api.query('/channels', { filter_by_prefix: 'alpha', info: 'occupied' });
        assert.deepEqual(exact.channels, { alpha: { occupied: true } });
    });

    test('r091_a_channel_answers_occupied_and_the_counts_asked_for', async () => {
        const [one, two] = [await connect(), await connect()];
        await one.subscribe('busy');
        await two.subscribe('busy');
        for (const id of ['1', '1', '2']) await (await connect()).join('presence-busy', id);
        const api = daemon.api();
        const get = async (channel, info) => (await api.get(`/channels/${channel}`, info && { info })).body;
        // Another node may hear a moment later of who comes and goes.
        const becomes = (expected, channel, info) =>
            eventually(async () => {
                assert.equal(await get(channel, info), expected);
                return true;
            }, `${channel} ${info} is ${expected}`);
        await becomes('{"occupied":true,"subscription_count":2}', 'busy', 'subscription_count');
        await becomes('{"occupied":true}', 'busy');
        await becomes('{"occupied":true}', 'busy', 'user_count');
        await becomes('{"occupied":true,"user_count":2}', 'presence-busy', 'user_count');
        await becomes('{"occupied":true}', 'presence-busy', 'subscription_count');
        await becomes('{"occupied":true,"user_count":2}', 'presence-busy', 'nonsense,user_count');
        for (const channel of ['never', 'presence-never', 'private-never']) {
            assert.equal(await get(channel, 'user_count,subscription_count'), '{"occupied":false}');
        }
        await one.close();
        await becomes('{"occupied":true,"subscription_count":1}', 'busy', 'subscription_count');
        await two.close();
        await becomes('{"occupied":false}', 'busy', 'subscription_count');
    });

    test('r091_channel_names_are_percent_decoded', async () => {
        const client = await connect();
        await client.subscribe('a,b;c=d@e.f-g_h');
        const path = `/channels/${encodeURIComponent('a,b;c=d@e.f-g_h')}`;
        assert.deepEqual(await daemon.api().query(path), { occupied: true });
        const other = await connect(lenient);
        await other.subscribe('größe:1');
        const encoded = `/channels/${encodeURIComponent('größe:1')}`;
        assert.deepEqual(await daemon.api(lenient).query(encoded), { occupied: true });
        const slash = await daemon.api().get('/channels/a%2Fb');
        assert.ok([200, 400].includes(slash.status), `%2F is part of the name: ${slash.status}`);
        assert.equal((await daemon.api().get('/channels/a/b')).status, 404);
    });

    test('r092_users_are_string_ids_in_a_list', async () => {
        const api = daemon.api();
        for (const id of [7, '7', 'zoe', '"quoted"']) await (await connect()).join('presence-users', id);
        const answer = await api.get('/channels/presence-users/users');
        assert.equal(answer.status, 200);
        assert.equal(answer.body, '{"users":[{"id":"7"},{"id":"zoe"},{"id":"\\"quoted\\""}]}');
        const nobody = await api.get('/channels/presence-nobody/users');
        assert.equal(nobody.status, 200);
        assert.equal(nobody.body, '{"users":[]}');
        for (const channel of ['users', 'private-users', 'presenceusers']) {
            const refused = await api.get(`/channels/${channel}/users`);
            assert.equal(refused.status, 400);
            assert.equal(refused.body, '{}');
        }
    });

    test('r093_connections_counts_all_of_the_app', async () => {
        const api = daemon.api(counts);
        const answer = await api.get('/connections');
        assert.equal(answer.body, '{"connections":0}');
        const clients = await inWaves(25, 25, () => connect(counts));
        await clients[0].subscribe('a');
        await clients[0].subscribe('b');
        await connect(app);
        await eventually(async () => (await api.connections()) === 25, 'all 25 are counted');
        for (const client of clients.slice(0, 10)) await client.close();
        await eventually(async () => (await api.connections()) === 15, '15 connections are left');
        for (const client of clients.slice(10)) client.socket.reset();
        await eventually(async () => (await api.connections()) === 0, 'no connection is left');
    });

    test('r093_the_answers_do_not_depend_on_the_shard_that_is_asked', async () => {
        const client = await connect(counts);
        await client.join('presence-anywhere', '1');
        const asked = await inWaves(20, 20, () =>
            daemon.api(counts).query('/channels/presence-anywhere', { info: 'user_count' }),
        );
        for (const answer of asked) assert.deepEqual(answer, { occupied: true, user_count: 1 });
        await settled(daemon, counts, 1);
        const totals = await inWaves(20, 20, () => daemon.api(counts).connections());
        for (const total of totals) assert.equal(total, 1);
        await client.close();
    });
});
