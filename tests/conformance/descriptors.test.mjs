// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NODES, useDaemon } from '../support/daemon.mjs';
import { eventually, inWaves } from '../support/deadline.mjs';
import { fetchRaw, HttpConnection } from '../support/http.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';

// One process and its limit: nodes of a cluster have one each.
describe('few descriptors', { skip: NODES > 1 }, () => {
    const daemon = useDaemon({ files: 200 });

    test('r095_idle_http_connections_keep_nobody_out', async () => {
        const idle = await inWaves(80, 20, () => HttpConnection.open(daemon));
        assert.equal((await fetchRaw(daemon, { target: '/up' })).status, 200);
        const client = await PusherClient.connect(daemon);
        await client.subscribe('a');
        await client.fence(daemon.api(), 'a');
        const kept = idle.filter((connection) => connection.isOpen);
        assert.ok(kept.length > 0 && kept.length < 50, `${kept.length} are open`);
        for (const connection of idle) connection.close();
        await client.close();
    });

    test('whoever finds the process full is told so, and the api goes on', async () => {
        const attempts = await Promise.allSettled(
            Array.from({ length: 160 }, () => PusherClient.connect(daemon)),
        );
        const clients = attempts.filter(({ status }) => status === 'fulfilled');
        assert.ok(clients.length > 100 && clients.length < 160, `${clients.length} are connected`);
        for (let i = 0; i < 30; i += 1) {
            await expectRefused(daemon, appPath(daemon.app), 4100, 'Over capacity');
        }
        assert.equal(await daemon.api().connections(), clients.length);

        await clients[0].value.close();
        await eventually(() => PusherClient.connect(daemon), 'a place is free again');
        for (const { value } of clients.slice(1)) value.socket.destroy();
    });
});
