// SPDX-License-Identifier: MIT
// Nodes on Reverb's Redis channel (protocol.md 10.2), among themselves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useCluster } from '../support/cluster.mjs';
import { testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const app = testApp({ accept_client_events_from: 'all' });
const scaling = { mode: 'reverb' };

describe('two nodes on the channel of Reverb', () => {
    const cluster = useCluster({ nodes: 2, apps: [app], scaling });
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);
    const both = () => Promise.all([connect(0), connect(1)]);
    const api = (node) => cluster.nodes[node].api();

    test('r134_a_node_subscribes_once', async () => {
        assert.deepEqual(await cluster.redis.lines('PUBSUB', 'NUMSUB', 'reverb'), ['reverb', '2']);
        assert.deepEqual(await cluster.redis.lines('PUBSUB', 'CHANNELS'), ['reverb']);
        assert.deepEqual(await cluster.redis.keys(), []);
    });

    test('r134_an_event_reaches_both_nodes_once', async () => {
        const clients = await both();
        for (const client of clients) await client.subscribe('news');
        const data = '{"a":1,"b":"\\u00e9 \\"q\\" \u{1f600}"}';
        for (const node of [0, 1]) {
            await api(node).publish('news', `from-${node}`, data);
            for (const client of clients) {
                const got = await client.expect(`from-${node}`);
                assert.equal(got.data, data);
                assert.deepEqual(got.keys, ['event', 'data', 'channel']);
            }
        }
        for (const client of clients) await client.fence(api(1), 'news');
    });

    test('r134_all_nodes_have_one_order', async () => {
        const clients = [...(await both()), ...(await both())];
        for (const client of clients) await client.subscribe('race');
        for (const client of clients) await client.subscribe('race2');
        const publishing = [0, 1].map(async (node) => {
            for (let i = 0; i < 40; i += 1) {
                await api(node).publish(i % 2 ? 'race' : ['race', 'race2'], `e-${node}-${i}`, '0');
            }
        });
        const orders = await Promise.all(
            clients.map(async (client) => (await client.take(120)).map((got) => got.event + got.channel)),
        );
        await Promise.all(publishing);
        for (const order of orders) assert.deepEqual(order, orders[0]);
        assert.equal(new Set(orders[0]).size, 120);
    });

    test('r134_socket_id_excludes_a_connection_of_another_node', async () => {
        const [sender, other] = await both();
        for (const client of [sender, other]) await client.subscribe('mine');
        for (const node of [0, 1]) {
            await api(node).publish('mine', 'e', '1', { socket_id: sender.socketId });
            await other.expect('e');
        }
        await sender.fence(api(1), 'mine');
    });

    test('r134_client_events_carry_the_user_and_spare_the_sender', async () => {
        const channel = 'presence-room';
        const clients = [...(await both()), await connect(0)];
        await clients[0].join(channel, 'a');
        await clients[1].join(channel, 'b');
        await clients[2].join(channel, 'c');
        await clients[0].expect('pusher_internal:member_added');
        clients[0].whisper(channel, 'client-typing', { at: [1.5, {}] });
        const text = `{"event":"client-typing","channel":"${channel}","data":{"at":[1.5,{}]},"user_id":"a"}`;
        for (const client of clients.slice(1)) await client.expectText(text);
        await clients[0].fence(api(1), channel);
    });

    test('r134_a_batch_keeps_its_order', async () => {
        const client = await connect(0);
        const channels = ['b-0', 'b-1', 'b-2', 'b-3', 'b-4'];
        for (const channel of channels) await client.subscribe(channel);
        const batch = [
            ...channels.map((channel, i) => ({ name: `e${i}`, channel, data: `${i}` })),
            { name: 'e5', channels, data: '5' },
        ];
        const response = await api(1).post('/batch_events', { batch });
        assert.equal(response.status, 200, response.body);
        const got = (await client.take(10)).map(({ event, channel, data }) => [event, channel, data]);
        assert.deepEqual(got, [
            ...channels.map((channel, i) => [`e${i}`, channel, `${i}`]),
            ...channels.map((channel) => ['e5', channel, '5']),
        ]);
    });

    test('r134_terminate_ends_the_user_on_both_nodes', async () => {
        const channel = 'presence-kick';
        const [first, second, other] = [...(await both()), await connect(1)];
        await other.join(channel, 'in');
        await first.join(channel, 'out');
        await second.join(channel, 'out');
        await other.expect('pusher_internal:member_added');
        const response = await api(0).post('/users/out/terminate_connections', {});
        assert.equal(response.status, 200);
        for (const client of [first, second]) await client.expectTermination(4009);
        await other.expect('pusher_internal:member_removed');
        await other.fence(api(0), channel);
    });

    test('r135_counts_are_summed_up', async () => {
        const members = [...(await both()), await connect(1)];
        for (const [index, id] of ['u', 'u', 'v'].entries()) {
            await members[index].join('presence-sum', id);
            await members[index].subscribe('sum');
        }
        for (const node of [0, 1]) {
            const stats = await api(node).query('/channels/sum', { info: 'subscription_count' });
            assert.deepEqual(stats, { occupied: true, subscription_count: 3 });
            // As with Reverb, a user on two nodes counts twice.
            const presence = await api(node).query('/channels/presence-sum', { info: 'user_count' });
            assert.deepEqual(presence, { occupied: true, user_count: 3 });
            const { users } = await api(node).query('/channels/presence-sum/users');
            assert.deepEqual(users, [{ id: 'u' }, { id: 'v' }]);
            const { channels } = await api(node).query('/channels', {
                filter_by_prefix: 'presence-s',
                info: 'user_count',
            });
            assert.deepEqual(channels, { 'presence-sum': { user_count: 3 } });
            assert.deepEqual(await api(node).query('/channels/nobody'), { occupied: false });
            assert.deepEqual(await api(node).query('/channels', { filter_by_prefix: 'nobody' }), {
                channels: {},
            });
        }
        const published = await api(0).publish(['sum', 'presence-sum', 'nobody'], 'e', '1', {
            info: 'user_count,subscription_count',
        });
        assert.deepEqual(published.channels, {
            sum: { subscription_count: 3 },
            'presence-sum': { user_count: 3 },
            nobody: {},
        });
        const idle = await connect(0);
        const [own, elsewhere] = await Promise.all([0, 1].map((node) => api(node).connections()));
        await idle.subscribe('sum');
        assert.equal(await api(0).connections(), own, 'a node knows all of its own');
        assert.equal(await api(1).connections(), elsewhere + 1, 'and of others what Reverb counts');
        await idle.close();
        for (const client of members) await client.close();
        await eventually(
            async () => !(await api(0).query('/channels/sum')).occupied,
            'vacated',
        );
    });

    test('r131_presence_is_right_on_a_node_itself', async () => {
        const channel = 'presence-own';
        const [first, second] = [await connect(0), await connect(0)];
        await first.join(channel, '1');
        assert.deepEqual((await second.join(channel, '2')).ids, ['1', '2']);
        await first.expect('pusher_internal:member_added');
        await second.close();
        await first.expect('pusher_internal:member_removed');
        await first.fence(api(1), channel);
    });
});
