// SPDX-License-Identifier: MIT
// The daemon under a service manager: what it says when, the watchdog, and sockets that are bound for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BINARY, cleanEnvironment, Daemon, freePort, namedApp, testApp } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { Redis } from '../support/redis.mjs';
import { boundSocket, NotifySocket } from '../support/service_manager.mjs';

const isUp = async (daemon) => (await fetchRaw(daemon, { target: '/up' })).status === 200;

describe('under a service manager', () => {
    const leftOver = [];
    after(() => leftOver.forEach((remove) => remove()));

    /// A daemon and who hears what it says.
    async function underManager({ abstract = false, watchdogMs, watchdogPid, ...options } = {}) {
        const daemon = new Daemon(options);
        const name = path.join(daemon.directory, 'notify');
        const manager = await new NotifySocket(abstract ? `@${name}` : name).start();
        leftOver.push(() => manager.close(), () => daemon.remove());
        daemon.env = manager.environment({
            ...(watchdogMs ? { WATCHDOG_USEC: String(watchdogMs * 1000) } : {}),
            ...(watchdogPid ? { WATCHDOG_PID: String(watchdogPid) } : {}),
        });
        return { daemon, manager };
    }

    test('ready_is_said_when_it_listens_and_not_before', async () => {
        const redis = new Redis();
        redis.port = await freePort();
        const { daemon, manager } = await underManager({
            scaling: { enabled: true, server: redis.settings },
            port: await freePort(),
        });
        const started = daemon.start();
        try {
            assert.equal(await manager.says('STATUS'), 'waiting for Redis');
            // Whatever happens meanwhile.
            await eventually(() => daemon.process?.isRunning, 'a process');
            daemon.process.signal('SIGHUP');
            await eventually(() => /configuration reloaded/.test(daemon.log), 'a reload');
            assert.deepEqual(manager.all('READY'), []);
            assert.deepEqual(manager.all('RELOADING'), []);
            await redis.start();
            assert.equal(await manager.says('READY', 1, 4 * DEADLINE), '1');
            assert.ok(await isUp(daemon), 'the first request after READY');
            await started;
            await daemon.stop();
            manager.assertFrom(daemon.process.pid);
        } finally {
            if (daemon.process.isRunning) await daemon.kill();
            await redis.stop();
            redis.remove();
        }
    });

    test('a_reload_is_told_from_its_beginning_to_its_end_even_if_it_fails', async () => {
        const { daemon, manager } = await underManager({ abstract: true });
        await daemon.start();
        await manager.says('READY');
        for (const apps of [[testApp(), namedApp('other')], 'nonsense']) {
            const before = manager.heard.length;
            daemon.settings.apps = apps;
            daemon.configure();
            daemon.process.signal('SIGHUP');
            await eventually(() => manager.heard.slice(before).some((said) => said.READY), 'READY again');
            const [first, second] = manager.heard.slice(before).filter((said) => !said.STATUS);
            assert.equal(first.RELOADING, '1');
            assert.match(first.MONOTONIC_USEC, /^\d+$/);
            assert.equal(second.READY, '1');
        }
        await daemon.stop();
    });

    test('stopping_is_told_at_once_with_the_time_that_the_drain_may_take', async () => {
        const { daemon, manager } = await underManager({ server: { drain_window: 600 } });
        await daemon.start();
        await manager.says('READY');
        const client = await PusherClient.connect(daemon);
        daemon.process.signal('SIGTERM');
        const patience = Number(await manager.says('EXTEND_TIMEOUT_USEC'));
        assert.ok(patience >= 605e6 && patience <= 660e6, `${patience} µs`);
        assert.ok(daemon.process.isRunning);
        await eventually(
            () => manager.all('STATUS').at(-1) === 'draining, connections left: 1',
            'a status with who is left',
        );
        client.socket.destroy();
        await daemon.stop();
        const steps = manager.heard.filter((said) => !said.STATUS).map((said) => Object.keys(said)[1]);
        assert.deepEqual(steps, ['READY', 'STOPPING']);
    });

    test('the_watchdog_is_fed_and_the_status_follows_the_connections', async () => {
        const { daemon, manager } = await underManager({ watchdogMs: 400, server: { drain_window: 600 } });
        await daemon.start();
        await manager.says('WATCHDOG', 5);
        const client = await PusherClient.connect(daemon);
        await eventually(
            () => manager.all('STATUS').at(-1) === 'serving, connections: 1',
            'a status with the connection',
        );
        daemon.process.signal('SIGTERM');
        await manager.says('STOPPING');
        await manager.says('WATCHDOG', manager.all('WATCHDOG').length + 3);
        client.socket.destroy();
        await daemon.stop();
    });

    test('a_watchdog_that_is_meant_for_another_process_is_not_fed', async () => {
        const { daemon, manager } = await underManager({ watchdogMs: 4, watchdogPid: process.pid });
        await daemon.start();
        daemon.process.signal('SIGHUP');
        await manager.says('READY', 2);
        await daemon.stop();
        assert.deepEqual(manager.all('WATCHDOG'), []);
    });
});

describe('sockets that are passed', () => {
    /// A daemon on sockets of the test's, while its configuration names another port.
    async function onSockets(count, check) {
        const sockets = await Promise.all(Array.from({ length: count }, boundSocket));
        const configured = await freePort();
        const daemon = new Daemon({
            sockets: sockets.map(({ fd }) => fd),
            port: sockets[0].port,
            shards: '3',
            server: { port: configured },
        });
        try {
            const started = daemon.start();
            for (const socket of sockets) socket.close(); // the daemon has its own descriptors of them
            await started;
            await check(daemon, sockets, configured);
            await daemon.stop();
        } finally {
            if (daemon.process.isRunning) await daemon.kill();
            daemon.remove();
        }
    }

    test('serve_instead_of_the_configured_port_and_all_shards_take_from_them', async () => {
        await onSockets(2, async (daemon, sockets, configured) => {
            const listening = new RegExp(`listening host=passed port=${daemon.port} .*shards=3`);
            await eventually(() => listening.test(daemon.log), 'a line about it');
            await assert.rejects(fetchRaw({ host: daemon.host, port: configured }, { target: '/up' }));
            for (const { port } of sockets) assert.ok(await isUp({ host: daemon.host, port }));
            // Whichever shard is quickest takes a client, so there is nobody whom a slow one keeps waiting.
            const clients = await Promise.all(
                Array.from({ length: 60 }, (_, i) =>
                    PusherClient.connect({ ...daemon, port: sockets[i % 2].port }),
                ),
            );
            for (const client of clients) await client.subscribe('c');
            await daemon.api().publish(['c'], 'news', 'x');
            for (const client of clients) await client.expect('news');
            for (const client of clients) client.socket.destroy();
        });
    });

    test('what_does_not_listen_is_refused_in_one_line', async () => {
        const daemon = new Daemon({ sockets: [1] });
        await assert.rejects(daemon.start(), /descriptor 3, passed by the service manager, is not a/);
        daemon.remove();
    });

    test('sockets_for_another_process_are_left_alone', async () => {
        const daemon = new Daemon({ env: { LISTEN_PID: String(process.pid), LISTEN_FDS: '1' } });
        try {
            await daemon.start();
            await daemon.stop();
        } finally {
            daemon.remove();
        }
    });

    const activate = '/usr/bin/systemd-socket-activate';
    test('systemd_starts_it_with_the_first_client', { skip: !existsSync(activate) }, async () => {
        const port = await freePort();
        const daemon = new Daemon({ port, server: { port: await freePort() } });
        daemon.configure();
        const args = ['-l', `127.0.0.1:${port}`, BINARY, 'start', '--config', daemon.file];
        const child = spawn(activate, args, { env: cleanEnvironment(), stdio: 'ignore' });
        const exit = new Promise((resolve) => child.once('close', resolve));
        try {
            await eventually(() => isUp(daemon), 'an answer of the activated daemon');
            const client = await PusherClient.connect(daemon);
            await client.close();
            child.kill('SIGTERM');
            assert.equal(await exit, 0);
        } finally {
            child.kill('SIGKILL');
            daemon.remove();
        }
    });
});
