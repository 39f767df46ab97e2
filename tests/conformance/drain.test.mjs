// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually, pace } from '../support/deadline.mjs';
import { fetchRaw, HttpConnection, requestBytes } from '../support/http.mjs';
import { RawWebSocket } from '../support/raw_websocket.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';

const closing = 'Server closed. Please reconnect shortly.';

/// A server of its own, since the test ends it.
async function withDaemon(server, check) {
    const daemon = newDaemon({ server });
    await daemon.start();
    try {
        await check(daemon);
        await daemon.stop();
    } finally {
        if (daemon.process.isRunning) await daemon.kill();
        daemon.remove();
    }
}

const isReady = async (daemon) => (await fetchRaw(daemon, { target: '/ready' })).status;

describe('drain', () => {
    test('r015_clients_are_closed_with_4200_spread_over_the_window', async () => {
        await withDaemon({ drain_window: 2 }, async (daemon) => {
            assert.equal(await isReady(daemon), 200);
            const clients = await Promise.all(
                Array.from({ length: 40 }, () => PusherClient.connect(daemon)),
            );
            const start = Date.now();
            daemon.process.signal('SIGTERM');
            const times = await Promise.all(
                clients.map(async (client) => {
                    await client.expectTermination(4200, closing, 2 * DEADLINE);
                    return Date.now() - start;
                }),
            );
            const [first, last] = [Math.min(...times), Math.max(...times)];
            assert.ok(last - first > 1000, `all closed within ${last - first} ms of a window of 2000`);
            assert.ok(last < 4000, `the last one was closed after ${last} ms`);
            for (const half of [0, 1]) {
                const count = times.filter((time) => (time - first > (last - first) / 2) === (half === 1));
                assert.ok(count.length >= 8, `${count.length} of 40 closes in half ${half + 1}`);
            }
        });
    });

    test('r015_while_draining_upgrades_are_refused_with_4200_and_ready_is_503', async () => {
        await withDaemon({ drain_window: 3 }, async (daemon) => {
            const clients = await Promise.all(
                Array.from({ length: 30 }, () => PusherClient.connect(daemon)),
            );
            daemon.process.signal('SIGTERM');
            await eventually(async () => (await isReady(daemon)) === 503, '/ready is 503');
            await expectRefused(daemon, appPath(daemon.app), 4200, closing);
            for (const client of clients) client.socket.destroy();
        });
    });

    test('r015_while_draining_who_talks_is_refused_as_soon_as_who_is_silent', async () => {
        await withDaemon({ drain_window: 20 }, async (daemon) => {
            const clients = await Promise.all(
                Array.from({ length: 30 }, () => PusherClient.connect(daemon)),
            );
            daemon.process.signal('SIGTERM');
            await eventually(async () => (await isReady(daemon)) === 503, '/ready is 503');
            const start = Date.now();
            const socket = await RawWebSocket.open(daemon, appPath(daemon.app));
            const talk = setInterval(() => socket.sendText('{"event":"pusher:ping"}'), 50);
            try {
                await new PusherClient(socket).expectTermination(4200, closing);
            } finally {
                clearInterval(talk);
            }
            assert.ok(Date.now() - start < 4000, `took ${Date.now() - start} ms`);
            for (const client of clients) client.socket.destroy();
        });
    });

    test('r015_while_draining_connected_clients_lose_no_event', async () => {
        await withDaemon({ drain_window: 2 }, async (daemon) => {
            const clients = await Promise.all(
                Array.from({ length: 20 }, () => PusherClient.connect(daemon)),
            );
            for (const client of clients) await client.subscribe('orders');
            let draining = true;
            daemon.process.signal('SIGTERM');
            const publishing = (async () => {
                for (let i = 0; draining; i += 1) {
                    await daemon.api().publish('orders', 'e', String(i));
                    await pace(20);
                }
            })().catch(() => {});
            const read = async (client) => {
                for (let count = 0; ; count += 1) {
                    const got = await client.next('an event or the end', 2 * DEADLINE);
                    if (got.event === 'pusher:error') {
                        await client.socket.expectClose(4200);
                        return count;
                    }
                    assert.equal(got.data, String(count), 'an event is missing');
                }
            };
            const counts = await Promise.all(clients.map(read));
            draining = false;
            await publishing;
            assert.ok(Math.max(...counts) > 5, `publishing went on during the drain: ${counts}`);
        });
    });

    test('r015_idle_http_connections_do_not_hold_it_up', async () => {
        await withDaemon({ drain_window: 0 }, async (daemon) => {
            const [used, silent] = [await HttpConnection.open(daemon), await HttpConnection.open(daemon)];
            used.write(requestBytes({ target: '/up' }));
            await used.response();
            const start = Date.now();
            await daemon.stop();
            assert.ok(Date.now() - start < 3000, `took ${Date.now() - start} ms`);
            for (const connection of [used, silent]) await connection.end();
        });
    });

    test('r015_without_clients_it_ends_at_once', async () => {
        await withDaemon({ drain_window: 30 }, async (daemon) => {
            const start = Date.now();
            await daemon.stop();
            assert.ok(Date.now() - start < 5000, `took ${Date.now() - start} ms`);
        });
    });
});
