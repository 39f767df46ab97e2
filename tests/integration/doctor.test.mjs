// SPDX-License-Identifier: MIT
// `fanfare doctor` finds what was broken on purpose between a server and its clients, and nothing where all is well.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Daemon, freePort, useDaemon } from '../support/daemon.mjs';
import {
    assertWell,
    behindNginx,
    complaint,
    complaints,
    doctor,
    finding,
    laravelEnv,
    safeApp,
    withApps,
} from '../support/doctor.mjs';
import { SelfSigned } from '../support/self_signed.mjs';

describe('fanfare doctor, with a server that is well', () => {
    const daemon = useDaemon({ apps: [safeApp(), safeApp({ app_id: 'second', key: 'second-key' })] });

    test('finds_nothing', async () => {
        const report = await doctor(daemon, { dotenv: laravelEnv(daemon) });
        assertWell(report);
        assert.ok(['ok', 'notice'].includes(report.worst), report.worst);
        finding(report, 'server', /a client connects/);
        finding(report, 'server', /answers a signed request/);
        finding(report, 'limits', new RegExp(`\\(process ${daemon.process.pid}\\)`));
        assert.equal(await daemon.api().connections(), 0);
    });

    test('says_so_to_people', async () => {
        const { code, text } = await doctor(daemon, { dotenv: laravelEnv(daemon), json: false });
        assert.equal(code, 0, text);
        assert.match(text, /^laravel\n {2}✓ broadcasts with the driver reverb\n/m);
        assert.match(text, /\nAll is well\.\n$/);
    });

    test('without_an_app_looks_at_the_server_only', async () => {
        const report = await doctor(daemon);
        assertWell(report);
        assert.equal(finding(report, 'laravel', /no \.env/).severity, 'notice');
        assert.equal(finding(report, 'public address', /not known/).severity, 'notice');
        const named = await doctor(daemon, { flags: ['--laravel', '/nowhere'] });
        assert.equal(named.code, 2);
        assert.match(complaint(named).what, /no \.env .* \/nowhere/);
    });

    test('a_dotenv_of_the_server_alone_is_no_app', async () => {
        const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-server-'));
        after(() => rmSync(folder, { recursive: true }));
        const file = path.join(folder, '.env');
        writeFileSync(file, `REVERB_SERVER_HOST=${daemon.host}\nREVERB_SERVER_PORT=${daemon.port}\n`);
        const report = await doctor(daemon, { flags: ['--env-file', file] });
        assertWell(report);
        assert.equal(finding(report, 'laravel', /no \.env of an app/).severity, 'notice');
    });

    for (const [name, changes, exit, what, fix] of [
        [
            'another_driver',
            { BROADCAST_CONNECTION: 'log' },
            2,
            /\.env:3: BROADCAST_CONNECTION is log/,
            /BROADCAST_CONNECTION=reverb in .*\.env:3/,
        ],
        ['no_driver', { BROADCAST_CONNECTION: undefined }, 2, /is not set/, /BROADCAST_CONNECTION=reverb/],
        [
            'the_older_name_of_the_driver',
            { BROADCAST_CONNECTION: undefined, BROADCAST_DRIVER: 'reverb' },
            1,
            /BROADCAST_DRIVER is set/,
            /BROADCAST_CONNECTION=reverb/,
        ],
        ['another_key', { REVERB_APP_KEY: 'old' }, 2, /REVERB_APP_KEY is old/, /REVERB_APP_KEY=app-key/],
        ['a_key_of_another_app', { REVERB_APP_KEY: 'second-key' }, 2, /no key of the app app/, /app-key/],
        ['another_secret', { REVERB_APP_SECRET: 'sec-4712' }, 2, /REVERB_APP_SECRET is not/, /Copy the secret/],
        ['another_app', { REVERB_APP_ID: '99' }, 2, /no app of the server \(app, second\)/, /add the app/],
        ['what_is_bound_as_host', { REVERB_HOST: '0.0.0.0', VITE_REVERB_HOST: 'localhost' }, 2, /0\.0\.0\.0/, /127/],
        ['another_key_for_browsers', { VITE_REVERB_APP_KEY: 'old' }, 2, /VITE_REVERB_APP_KEY is old/, /npm run/],
        [
            'mixed_content_on_this_machine',
            { APP_URL: 'https://shop.test' },
            1,
            /VITE_REVERB_SCHEME is http, APP_URL is https/,
            /VITE_REVERB_SCHEME=https/,
        ],
    ]) {
        test(`finds_${name}`, async () => {
            const report = await doctor(daemon, { dotenv: laravelEnv(daemon, changes) });
            assert.equal(report.code, exit);
            const found = complaint(report);
            assert.equal(found.area, 'laravel');
            assert.match(found.what, what);
            assert.match(found.fix, fix);
            assert.doesNotMatch(report.text, /4712|app-secret/);
        });
    }

    test('finds_tls_asked_of_a_plain_port', async () => {
        const report = await doctor(daemon, { dotenv: laravelEnv(daemon, { REVERB_SCHEME: 'https' }) });
        assert.equal(report.code, 2);
        assert.match(finding(report, 'laravel', /speaks plain HTTP/).fix, /fanfare nginx/);
        assert.match(finding(report, 'public address', /\/app\//).why, /TLS cannot be agreed on/);
        assert.match(finding(report, 'round trip', /arrives/).what, /past the public address/);
    });

    test('finds_a_wrong_port', async () => {
        const port = await freePort();
        const report = await doctor(daemon, { dotenv: laravelEnv({ ...daemon, port, app: daemon.app }) });
        assert.equal(report.code, 2);
        const found = finding(report, 'public address', /Connection refused/);
        assert.ok(found.fix.includes(`127.0.0.1:${daemon.port}`), found.fix);
        assert.match(finding(report, 'laravel', /publishes to port/).fix, /REVERB_PORT=/);
    });

    for (const host of ['[::1]', '127.0.0.2']) {
        test(`finds_that_it_does_not_listen_on_${host}`, async () => {
            const { app, port } = daemon;
            const report = await doctor(daemon, { dotenv: laravelEnv({ app, host, port }) });
            assert.equal(report.code, 2);
            assert.ok(complaint(report).what.startsWith(`http://${host}:${port}/app/…: `), complaint(report).what);
        });
    }

    test('gives_up_on_a_port_that_says_nothing', async () => {
        const silent = net.createServer();
        await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
        try {
            const flags = ['--public', `https://127.0.0.1:${silent.address().port}`];
            const report = await doctor(daemon, { flags });
            assert.equal(report.code, 2);
            assert.match(complaint(report).what, /Connection timed out/);
            finding(report, 'round trip', /past the public address/);
        } finally {
            silent.close();
        }
    });

    test('finds_a_name_that_does_not_resolve', async () => {
        const report = await doctor(daemon, { flags: ['--public', 'https://no-such-host.invalid'] });
        assert.equal(report.code, 2);
        assert.match(finding(report, 'dns', /no-such-host\.invalid has no address/).fix, /An A or AAAA record/);
    });

    test('finds_a_url_that_is_none', async () => {
        const report = await doctor(daemon, { flags: ['--public', 'ws.example.com'] });
        assert.equal(report.code, 2);
        assert.match(finding(report, 'public address', /is not a URL/).fix, /https:\/\//);
    });
});

describe('fanfare doctor, with nginx in front of the server', () => {
    const daemon = useDaemon(withApps({ server: { trusted_proxies: ['127.0.0.1'], path: 'ws' } }));

    test('finds_nothing_in_the_site_that_fanfare_prints', async () => {
        await behindNginx(daemon, {}, async (nginx) => {
            const report = await doctor(daemon, { dotenv: laravelEnv(nginx) });
            assertWell(report);
            assert.match(finding(report, 'round trip', /arrives/).what, /the way that Laravel and clients take/);
            const address = `http://127.0.0.1:${nginx.port}/ws`;
            finding(report, 'public address', new RegExp(`${address}/app/…: a client connects`));
            finding(report, 'public address', new RegExp(`${address}/apps/…: the API answers`));
            finding(report, 'clock', /the clock of 127\.0\.0\.1/);
        });
    });

    test('finds_lost_upgrade_headers', async () => {
        const edit = (site) => site.replace(/.*proxy_set_header (Upgrade|Connection) .*\n/g, '');
        await behindNginx(daemon, { edit }, async (nginx) => {
            const report = await doctor(daemon, { dotenv: laravelEnv(nginx) });
            assert.equal(report.code, 2);
            const { area, what, why, fix } = complaint(report);
            assert.equal(area, 'public address');
            assert.match(what, /\/ws\/app\/… answers 426/);
            assert.match(why, /drops the headers Upgrade and Connection/);
            assert.match(fix, /location \/ws\/app\/ \{/);
            assert.ok(fix.includes(`proxy_pass http://127.0.0.1:${daemon.port};`));
            assert.match(fix, /proxy_set_header Upgrade \$http_upgrade;/);
        });
    });

    test('the_lines_that_it_names_heal_it', async () => {
        const broken = { edit: (site) => site.replace(/ {4}location \/ws\/apps?\/ \{[^}]*\}/g, '') };
        let lines;
        await behindNginx(daemon, broken, async (nginx) => {
            const report = await doctor(daemon, { dotenv: laravelEnv(nginx) });
            assert.equal(report.code, 2);
            assert.equal(complaints(report).length, 2);
            lines = report.findings
                .filter(({ severity }) => severity === 'error')
                .map(({ fix }) => fix.slice(fix.indexOf('location ')));
        });
        const edit = (site) =>
            broken
                .edit(site)
                .replace(/.*proxy_(set_header|http_version).*\n/g, '')
                .replace('location / ', `${lines.join('')}location / `);
        await behindNginx(daemon, { edit }, async (nginx) => {
            assertWell(await doctor(daemon, { dotenv: laravelEnv(nginx) }));
        });
    });

    test('finds_that_apps_is_not_passed_on', async () => {
        const edit = (site) => site.replace(/location \/ws\/apps\/ \{[^}]*\}/, '');
        await behindNginx(daemon, { edit }, async (nginx) => {
            const report = await doctor(daemon, { dotenv: laravelEnv(nginx) });
            assert.equal(report.code, 2);
            const { what, why, fix } = complaint(report);
            assert.match(what, /\/ws\/apps\/… answers 404 from nginx.* with a web page/);
            assert.match(why, /\/ws\/apps\/ is not passed on/);
            assert.match(fix, /location \/ws\/apps\/ \{/);
            finding(report, 'public address', /a client connects/);
        });
    });

    test('finds_a_proxy_that_leads_nowhere', async () => {
        const nowhere = await freePort();
        const edit = (site) => site.replace(`127.0.0.1:${daemon.port}`, `127.0.0.1:${nowhere}`);
        await behindNginx(daemon, { edit }, async (nginx) => {
            const report = await doctor(daemon, { dotenv: laravelEnv(nginx) });
            assert.equal(report.code, 2);
            const { fix } = finding(report, 'public address', /\/app\/… answers 502/);
            assert.ok(fix.includes(`proxy_pass has to lead to 127.0.0.1:${daemon.port}`), fix);
        });
    });

    test('finds_a_path_that_the_server_does_not_have', async () => {
        const edit = (site) => site.replace(/location \/ws\//g, 'location /other/');
        await behindNginx(daemon, { edit }, async (nginx) => {
            const flags = ['--public', `http://127.0.0.1:${nginx.port}/other`];
            const report = await doctor(daemon, { flags });
            assert.equal(report.code, 2);
            assert.match(finding(report, 'public address', /answers 404.*Not found/).fix, /REVERB_SERVER_PATH/);
        });
    });
});

describe('fanfare doctor, with TLS', () => {
    const made = [];
    const make = (...args) => {
        made.push(new SelfSigned(...args));
        return made.at(-1);
    };
    after(() => made.forEach((certificate) => certificate.remove()));
    const daemon = useDaemon({ server: { trusted_proxies: ['127.0.0.1'] }, apps: [safeApp({ tls_only: true })] });

    /// What it says of nginx with this certificate.
    async function examined(certificate, { trusted = true } = {}) {
        let report;
        await behindNginx(daemon, { certificate }, async (nginx) => {
            const env = trusted ? { SSL_CERT_FILE: certificate.file } : {};
            const dotenv = laravelEnv({ ...nginx, app: nginx.app, scheme: 'https' });
            report = await doctor(daemon, { dotenv, env });
        });
        return report;
    }

    test('finds_nothing_if_the_certificate_is_good', async () => {
        const report = await examined(make([], 'good', { days: 30 }));
        assertWell(report);
        finding(report, 'server', /the app wants TLS/);
        assert.match(finding(report, 'certificates', /is valid for/).what, /2\d days/);
    });

    test('finds_one_that_nobody_trusts', async () => {
        const report = await examined(make([], 'unknown', { days: 30 }), { trusted: false });
        assert.equal(report.code, 1);
        const { area, what, fix } = complaint(report);
        assert.equal(area, 'certificates');
        assert.match(what, /signed by itself/);
        assert.match(fix, /certbot certonly/);
    });

    test('finds_one_that_is_about_to_expire', async () => {
        const report = await examined(make([], 'late', { days: 3 }));
        assert.equal(report.code, 1);
        assert.match(complaint(report).what, /expires in 2 days/);
    });

    test('finds_one_that_has_expired', async () => {
        const report = await examined(make([], 'expired', { days: -1 }));
        assert.equal(report.code, 2);
        assert.match(complaint(report).what, /has expired on \d{4}-/);
    });

    test('finds_another_name', async () => {
        const report = await examined(make(['shop.test'], 'other', { days: 30, addresses: [] }));
        assert.equal(report.code, 2);
        const { what, fix } = complaint(report);
        assert.match(what, /\(DNS:shop\.test\) is not for 127\.0\.0\.1/);
        assert.match(fix, /certbot certonly -d 127\.0\.0\.1/);
    });

    test('looks_at_the_files_of_the_server_too', async () => {
        const expired = make(['ws.shop.test'], 'expired', { days: -1 });
        const files = { tls_certificate_file: expired.file, tls_key_file: make().keyFile };
        const port = await freePort();
        const broken = new Daemon(withApps({ port, server: { ...files, hostname: 'shop.invalid' } }));
        try {
            broken.configure();
            const report = await doctor(broken);
            assert.equal(report.code, 2);
            assert.match(finding(report, 'configuration', /key values mismatch/).fix, /TLS_KEY_FILE/);
            finding(report, 'certificates', /has expired/);
            finding(report, 'certificates', /DNS:ws\.shop\.test\) is not for shop\.invalid/);
        } finally {
            broken.remove();
        }
    });
});

describe('fanfare doctor, with a server that ends TLS itself', () => {
    const certificate = new SelfSigned([], 'own', { days: 30 });
    after(() => certificate.remove());
    const daemon = useDaemon(withApps());
    daemon.useTls(certificate);

    test('finds_nothing', async () => {
        const dotenv = laravelEnv({ port: daemon.port, app: daemon.app, scheme: 'https' });
        assertWell(await doctor(daemon, { dotenv, env: { SSL_CERT_FILE: certificate.file } }));
    });

    test('finds_that_its_certificate_has_another_name', async () => {
        const dotenv = laravelEnv({ host: 'localhost', port: daemon.port, app: daemon.app, scheme: 'https' });
        const report = await doctor(daemon, { dotenv, env: { SSL_CERT_FILE: certificate.file } });
        assert.equal(report.code, 2);
        finding(report, 'certificates', /localhost shows \(IP Address:127\.0\.0\.1\) is not for localhost/);
    });

    test('finds_that_nobody_trusts_its_certificate', async () => {
        const report = await doctor(daemon, {
            dotenv: laravelEnv({ port: daemon.port, app: daemon.app, scheme: 'https' }),
        });
        assert.equal(report.code, 1);
        assert.match(complaint(report).what, /signed by itself/);
    });

    test('finds_that_it_is_asked_without', async () => {
        const report = await doctor(daemon, { dotenv: laravelEnv({ port: daemon.port, app: daemon.app }) });
        assert.equal(report.code, 2);
        finding(report, 'laravel', /where the server speaks TLS/);
        assert.match(finding(report, 'public address', /answers 400/).why, /The port is for TLS/);
    });
});
