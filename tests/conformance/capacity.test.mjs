// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, NODES, settled, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, inWaves } from '../support/deadline.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';

describe('socket ids', () => {
    const daemon = useDaemon();

    test('r003_socket_ids_have_the_shape_and_are_unique', async () => {
        // A million would take minutes; a birthday collision among 10^18 would not show there either.
        // A repeated or per-shard sequence shows here.
        const ids = await inWaves(3000, 100, async () => {
            const client = await PusherClient.connect(daemon);
            client.socket.destroy();
            return client.socketId;
        });
        for (const id of ids) assert.match(id, /^[1-9]\d*\.[1-9]\d*$/);
        assert.equal(new Set(ids).size, ids.length);
        const firstHalves = new Set(ids.map((id) => id.split('.')[0]));
        assert.ok(firstHalves.size > ids.length / 2, 'ids look guessable: few different first halves');
    });
});

describe('max_connections', () => {
    const apps = [testApp({ max_connections: 3 }), namedApp('roomy')];
    const daemon = useDaemon({ apps });
    const quota = 'Application is over connection quota';

    test('r010_the_quota_counts_unsubscribed_connections_of_its_app_only', async () => {
        await PusherClient.connect(daemon, { app: apps[1] });
        const clients = [];
        for (let i = 0; i < 3; i += 1) clients.push(await PusherClient.connect(daemon));
        await settled(daemon, apps[0], 3);
        for (let i = 0; i < 4; i += 1) await expectRefused(daemon, appPath(apps[0]), 4004, quota);
        await PusherClient.connect(daemon, { app: apps[1] });
        assert.equal(await daemon.api().connections(), 3);

        await clients[0].close();
        const next = await eventually(() => PusherClient.connect(daemon), 'a place is free again');
        await settled(daemon, apps[0], 3);
        await expectRefused(daemon, appPath(apps[0]), 4004, quota);
        await next.expectNothing();
        for (const client of [next, ...clients.slice(1)]) await client.close();
    });

    // Nodes of a cluster hear of each other's connections a few milliseconds later.
    test('r010_a_rush_does_not_pass_the_quota', { skip: NODES > 1 }, async () => {
        await settled(daemon, apps[0], 0);
        const attempts = await Promise.allSettled(
            Array.from({ length: 40 }, () => PusherClient.connect(daemon)),
        );
        const connected = attempts.filter((attempt) => attempt.status === 'fulfilled');
        assert.equal(connected.length, 3);
        assert.equal(await daemon.api().connections(), 3);
    });
});
