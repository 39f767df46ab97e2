// SPDX-License-Identifier: MIT
// `fanfare doctor` finds what is wrong with what a server needs, or that there is none.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { Daemon, freePort, namedApp, useDaemon } from '../support/daemon.mjs';
import {
    assertWell,
    complaint,
    complaints,
    doctor,
    finding,
    laravelEnv,
    safeApp,
    withApps,
} from '../support/doctor.mjs';
import { Redis, withRedis } from '../support/redis.mjs';
import { closeAll } from '../support/sockets.mjs';

describe('fanfare doctor, without a server', () => {
    /// A configuration, and what is said of it.
    async function ofStopped(options, examine) {
        const daemon = new Daemon(withApps({ port: await freePort(), ...options }));
        try {
            daemon.configure();
            return await examine(daemon);
        } finally {
            daemon.remove();
        }
    }

    test('finds_that_it_does_not_run', async () => {
        const report = await ofStopped({}, (daemon) => doctor(daemon, { dotenv: laravelEnv(daemon) }));
        assert.equal(report.code, 2);
        const { area, what, fix } = complaint(report);
        assert.equal(area, 'server');
        assert.match(what, /no server on this machine .*Connection refused/);
        assert.match(fix, /systemctl start fanfare/);
        assert.ok(!report.findings.some((each) => each.area === 'round trip'));
    });

    test('finds_another_program_on_its_port', async () => {
        const other = http.createServer((_, response) =>
            response.setHeader('Content-Type', 'text/html').end('<p>'),
        );
        await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
        try {
            const { port } = other.address();
            const report = await ofStopped({ port }, (daemon) => doctor(daemon));
            assert.equal(report.code, 2);
            assert.match(complaint(report).why, /Another program/);
        } finally {
            other.close();
        }
    });

    test('finds_a_configuration_that_cannot_be', async () => {
        const report = await ofStopped({ server: { port: 'x' } }, (daemon) => doctor(daemon));
        assert.equal(report.code, 2);
        assert.match(complaint(report).what, /server\.port/);
        const empty = await ofStopped({ apps: [] }, (daemon) => doctor(daemon));
        assert.equal(empty.code, 2);
        finding(empty, 'configuration', /no app is configured/);
    });

    test('finds_few_open_files', async () => {
        const report = await ofStopped({}, (daemon) => doctor(daemon, { files: 256 }));
        assert.equal(report.code, 2);
        const { severity, fix } = finding(report, 'limits', /may open 256 files/);
        assert.equal(severity, 'warning');
        assert.match(fix, /LimitNOFILE=1048576/);
    });
});

describe('fanfare doctor, with a server that has few files', () => {
    const daemon = useDaemon(withApps({ files: 256 }));

    test('looks_at_the_limit_of_the_server_and_not_its_own', async () => {
        const report = await doctor(daemon, { dotenv: laravelEnv(daemon) });
        assert.equal(report.code, 1);
        assert.match(complaint(report).what, /the server \(process \d+\) may open 256 files/);
    });
});

describe('fanfare doctor, with a server that was started with other settings', () => {
    const daemon = useDaemon(withApps({ apps: [safeApp({ allowed_origins: ['shop.test'] })] }));
    const change = (changes) => {
        daemon.settings.apps = [safeApp({ allowed_origins: ['shop.test'], ...changes })];
        daemon.configure();
    };

    test('finds_pages_from_which_clients_are_refused', async () => {
        const APP_URL = 'http://www.shop.test/path';
        const report = await doctor(daemon, { dotenv: laravelEnv(daemon, { APP_URL }) });
        assert.equal(report.code, 2);
        const { what, fix } = complaint(report);
        assert.match(what, /4009: Origin not allowed/);
        assert.match(fix, /allowed_origins/);
        const url = { APP_URL: 'http://shop.test/path' };
        assertWell(await doctor(daemon, { dotenv: laravelEnv(daemon, url) }));
        assertWell(await doctor(daemon));
    });

    test('finds_that_it_does_not_have_the_app', async () => {
        change({ app_id: 'new', key: 'new-key' });
        const report = await doctor(daemon);
        assert.equal(report.code, 2);
        assert.match(finding(report, 'server', /4001/).fix, /systemctl reload fanfare/);
        assert.match(finding(report, 'server', /No matching application/).fix, /systemctl reload fanfare/);
    });

    test('finds_that_it_has_another_secret', async () => {
        change({ secret: 'another' });
        const report = await doctor(daemon);
        assert.equal(report.code, 2);
        assert.match(complaint(report).what, /answers 401: Authentication signature invalid. Signature mismatch/);
    });
});

describe('fanfare doctor, with apps in a database', () => {
    const table = new AppsTable();
    const shop = namedApp('shop');
    table.insert(shop);
    const daemon = useDaemon({ apps: [], database: databaseOf(table) });
    daemon.app = shop;
    after(() => table.remove());
    const examined = (changes) => doctor(daemon, { dotenv: laravelEnv(daemon, changes) });

    test('finds_nothing_if_the_app_is_there', async () => {
        const report = await examined();
        assertWell(report);
        finding(report, 'apps database', /has the app shop/);
        finding(report, 'laravel', /are those of the app shop/);
    });

    test('finds_that_it_is_not_there_or_has_another_secret', async () => {
        const absent = await examined({ REVERB_APP_ID: 'unknown' });
        assert.equal(absent.code, 2);
        assert.match(complaint(absent).what, /has no app unknown/);
        const other = await examined({ REVERB_APP_SECRET: 'other' });
        assert.equal(other.code, 2);
        assert.match(complaint(other).what, /REVERB_APP_SECRET is not the secret/);
    });

    test('finds_that_the_database_is_away', async () => {
        table.vanish();
        try {
            const report = await examined();
            assert.equal(report.code, 2);
            assert.match(finding(report, 'apps database', /does not answer: .+/).fix, /FANFARE_APPS_DATABASE/);
        } finally {
            table.comeBack();
        }
    });
});

describe('fanfare doctor, with another clock', () => {
    const daemon = useDaemon(withApps());
    let ahead = 0;
    const lists = [];
    const sockets = new Set();
    const proxy = http.createServer((request, response) => {
        const { method, url, headers } = request;
        if (method === 'GET') lists.push(url);
        const target = { host: daemon.host, port: daemon.port, method, path: url, headers };
        const passed = http.request(target, (answer) => {
            const date = new Date(Date.now() + ahead * 1000).toUTCString();
            response.writeHead(answer.statusCode, { ...answer.headers, date });
            answer.pipe(response);
        });
        request.pipe(passed);
    });
    proxy.on('upgrade', (request, socket) => {
        const lines = request.rawHeaders.map((word, i) => (i % 2 === 0 ? `${word}: ` : `${word}\r\n`));
        const server = net.connect(daemon.port, daemon.host);
        server.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
        server.pipe(socket).pipe(server);
        for (const each of [server, socket]) {
            sockets.add(each);
            each.on('error', () => {});
        }
    });
    before(() => new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve)));
    after(() => {
        sockets.forEach((socket) => socket.destroy());
        proxy.close();
        closeAll();
    });

    for (const [seconds, code, severity] of [
        [0, 0, 'ok'],
        [-120, 1, 'warning'],
        [700, 2, 'error'],
    ]) {
        test(`that_is_${seconds}_s_ahead`, async () => {
            ahead = seconds;
            const flags = ['--public', `http://127.0.0.1:${proxy.address().port}`];
            const report = await doctor(daemon, { flags });
            assert.equal(report.code, code, complaints(report).join('\n'));
            // All channels of a big server are too many for an answer.
            assert.match(lists.at(-1), /^\/apps\/app\/channels\?filter_by_prefix=private-fanfare-doctor-&/);
            const found = finding(report, 'clock', /the clock of 127\.0\.0\.1/);
            assert.equal(found.severity, severity);
            if (seconds !== 0) assert.match(found.fix, /timedatectl/);
        });
    }
});

describe('fanfare doctor, with Redis', () => {
    const enabled = (server) => ({ enabled: true, server: { timeout: 2, ...server } });

    test('finds_nothing_if_it_is_there', async () => {
        await withRedis(new Redis(), async (settings) => {
            const daemon = new Daemon(withApps({ scaling: enabled(settings) }));
            try {
                await daemon.start();
                const report = await doctor(daemon, { dotenv: laravelEnv(daemon) });
                // On a busy machine a single answer of Redis may take long, of which it warns.
                const isSlow = (text) => /^redis: .* answers in/.test(text);
                assert.deepEqual(complaints(report).filter((text) => !isSlow(text)), []);
                finding(report, 'round trip', /arrives/);
                assert.match(finding(report, 'redis', /Redis/).what, /Redis \d+\.\S+ \(127.* answers in \d+\.\d ms/);
                finding(report, 'clock', /the clock of Redis/);
            } finally {
                await daemon.stop();
                daemon.remove();
            }
        });
    });

    /// What it says of a Redis without a server beside it.
    async function ofRedis(server) {
        const daemon = new Daemon(withApps({ port: await freePort(), scaling: enabled(server) }));
        try {
            daemon.configure();
            const report = await doctor(daemon);
            assert.equal(report.code, 2);
            return { report, found: finding(report, 'redis', /is not reached/) };
        } finally {
            daemon.remove();
        }
    }

    test('finds_that_it_is_away', async () => {
        const { found } = await ofRedis({ host: '127.0.0.1', port: await freePort() });
        assert.match(found.what, /refused/i);
        assert.match(found.fix, /systemctl start redis-server/);
    });

    test('finds_a_wrong_password_and_does_not_show_it', async () => {
        const guarded = new Redis({
            args: ['--requirepass', 'right'],
            cli: ['--no-auth-warning', '-a', 'right'],
        });
        await withRedis(guarded, async (settings) => {
            const { report, found } = await ofRedis({ ...settings, password: 'wrong-4712' });
            assert.match(found.what, /WRONGPASS/);
            assert.match(found.fix, /REDIS_PASSWORD/);
            assert.doesNotMatch(report.text, /4712/);
        });
    });
});
