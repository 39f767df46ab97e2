// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import os from 'node:os';
import { after, before, describe, test } from 'node:test';
import { useCluster, whileItWaits } from '../support/cluster.mjs';
import { Daemon, freePort, namedApp, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { nodesCommand } from '../support/nodes_command.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { leasesIn, Redis, withRedis } from '../support/redis.mjs';

async function listed(daemon) {
    const { code, stdout, stderr } = await nodesCommand(daemon, '--json');
    assert.deepEqual([code, stderr], [0, '']);
    return JSON.parse(stdout);
}

describe('fanfare nodes', () => {
    const apps = [testApp(), namedApp('second')];
    const cluster = useCluster({ apps });
    const { nodes, redis } = cluster;
    const addressOf = (node) => `${os.hostname()}:${node.port}`;

    /// What each server has, as the command says; it is told by the heartbeat.
    const says = (expected) =>
        eventually(async () => {
            const views = await listed(nodes[0]);
            const seen = nodes.map((node) => {
                const view = views.find(({ address }) => address === addressOf(node));
                return view && [view.connections, view.channels];
            });
            assert.deepEqual(seen, expected);
            return views;
        }, `${JSON.stringify(expected)}`);

    test('as_json_for_scripts', async () => {
        await says([
            [0, 0],
            [0, 0],
            [0, 0],
        ]);
        const clients = [];
        for (const [node, channels] of [
            [0, ['one', 'presence-room']],
            [0, ['one']],
            [1, ['presence-room', 'two', 'three']],
        ]) {
            clients.push(await PusherClient.connect(nodes[node]));
            for (const channel of channels) {
                const isPresence = channel.startsWith('presence-');
                await clients.at(-1).subscribe(channel, isPresence ? '{"user_id":"u"}' : undefined);
            }
        }
        clients.push(await PusherClient.connect(nodes[0], { app: apps[1] }));
        await clients.at(-1).subscribe('one');
        const views = await says([
            [3, 3],
            [1, 3],
            [0, 0],
        ]);
        assert.deepEqual(views.map((view) => view.id).sort(), await leasesIn(redis));
        for (const view of views) {
            assert.deepEqual(Object.keys(view), [
                ...['id', 'address', 'version', 'state', 'lease_left_ms'],
                ...['connections', 'channels', 'queued_bytes', 'bus_lag_us'],
            ]);
            assert.equal(view.state, 'ok');
            assert.match(view.version, /^\d+\.\d+\.\d+/);
            assert.ok(view.lease_left_ms > 0 && view.lease_left_ms <= cluster.scaling.lease * 1000);
            assert.equal(view.queued_bytes, 0);
            assert.ok(view.bus_lag_us >= 0 && view.bus_lag_us < 1e6, `lag ${view.bus_lag_us}`);
        }
        await Promise.all(clients.map((client) => client.close()));
    });

    test('as_a_table_for_people', async () => {
        await eventually(
            async () => (await listed(nodes[0])).every(({ connections }) => connections === 0),
            'all have left',
        );
        const { code, stdout, stderr } = await nodesCommand(nodes[2]);
        assert.deepEqual([code, stderr], [0, '']);
        const [head, ...rows] = stdout.trimEnd().split('\n');
        assert.match(head, /^NODE +ADDRESS +VERSION +STATE +LEASE +CONNECTIONS +CHANNELS +QUEUED +BUS LAG$/);
        const fields = rows.map((row) => row.trim().split(/ {2,}|(?<=[a-z0-9]) (?=[a-z0-9]+:)/));
        assert.deepEqual(fields.map(([id]) => id).sort(), await leasesIn(redis));
        const addresses = fields.map(([, address]) => address).sort();
        assert.deepEqual(addresses, nodes.map(addressOf).sort());
        for (const row of rows) {
            assert.match(row, / \d+\.\d+\.\d+ +ok +\d+\.\d s +0 +\d+ +0 B +\d+\.\d ms$/);
        }
    });

    test('a_dead_server_is_dead_and_then_forgotten', async () => {
        const [, , dead] = nodes;
        const address = addressOf(dead);
        await dead.kill();
        dead.process = undefined;
        assert.equal((await listed(nodes[0])).length, 3);
        const seen = new Set();
        await eventually(
            async () => {
                const view = (await listed(nodes[0])).find((each) => each.address === address);
                if (view) seen.add(`${view.state} ${view.lease_left_ms < 0}`);
                return !view;
            },
            'it is buried',
            cluster.scaling.lease * 1000 + 5000,
        );
        seen.delete('dead true'); // for a moment, if one looks in that moment
        assert.deepEqual([...seen], ['ok false']);
        assert.equal((await listed(nodes[0])).length, 2);
        const again = await cluster.startNode(2);
        const views = await listed(again);
        assert.equal(views.length, 3);
        assert.equal(views.filter((view) => view.address === address).length, 1);
    });

    test('a_server_that_stops_is_gone_at_once', async () => {
        await nodes[1].stop();
        const views = await listed(nodes[0]);
        assert.deepEqual(views.map((view) => view.address).sort(), [nodes[0], nodes[2]].map(addressOf).sort());
    });
});

describe('fanfare nodes, without a cluster', () => {
    let daemon;
    before(async () => {
        daemon = new Daemon();
        await daemon.start();
    });
    after(async () => {
        await daemon.stop();
        daemon.remove();
    });

    test('scaling_off', async () => {
        for (const flags of [[], ['--json']]) {
            const { code, stdout, stderr } = await nodesCommand(daemon, ...flags);
            assert.notEqual(code, 0);
            assert.equal(stdout, '');
            assert.match(stderr, /^fanfare: [^\n]*REVERB_SCALING_ENABLED[^\n]*\n$/);
        }
    });

    test('redis_absent', async () => {
        const server = { host: '127.0.0.1', port: await freePort(), timeout: 1 };
        const scaling = { enabled: true, lease: 2, server };
        await whileItWaits({ scaling }, /redis unreachable/, async (absent) => {
            for (const flags of [[], ['--json']]) {
                const { code, stdout, stderr } = await nodesCommand(absent, ...flags);
                assert.notEqual(code, 0);
                assert.equal(stdout, '');
                assert.match(stderr, /^fanfare: [^\n]*Redis[^\n]*\n$/);
            }
        });
    });

    /// An empty list would say that there are no servers.
    test('a_refusal_of_redis_is_an_error', async () => {
        const permissions = ['~elsewhere:*', '&*', '+@all'];
        const guarded = new Redis({ args: ['--user', 'guest', 'on', '>guest', ...permissions] });
        await withRedis(guarded, async (settings) => {
            const server = { ...settings, username: 'guest', password: 'guest' };
            await whileItWaits({ scaling: { enabled: true, server } }, /NOPERM/, async (node) => {
                const { code, stdout, stderr } = await nodesCommand(node, '--json');
                assert.deepEqual([code === 0, stdout], [false, '']);
                assert.match(stderr, /^fanfare: [^\n]*NOPERM[^\n]*\n$/);
            });
        });
    });

    test('a_password_that_is_wrong_is_said_and_not_shown', async () => {
        const guarded = new Redis({
            args: ['--requirepass', 'right'],
            cli: ['--no-auth-warning', '-a', 'right'],
        });
        await withRedis(guarded, async (settings) => {
            const server = { ...settings, password: 'wrong-4712', timeout: 1 };
            const scaling = { enabled: true, lease: 2, server };
            await whileItWaits({ scaling }, /WRONGPASS/, async (node) => {
                const { code, stdout, stderr } = await nodesCommand(node, '--json');
                assert.deepEqual([code === 0, stdout], [false, '']);
                assert.match(stderr, /^fanfare: [^\n]*WRONGPASS[^\n]*\n$/);
                assert.doesNotMatch(stderr, /4712/);
            });
        });
    });
});
