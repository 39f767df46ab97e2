// SPDX-License-Identifier: MIT
// `fanfare doctor` finds what was broken on purpose, in real servers, and nothing where all is well.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { Daemon, freePort, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { doctor, laravelEnv } from '../support/doctor.mjs';
import { Nginx } from '../support/nginx.mjs';
import { Redis, withRedis } from '../support/redis.mjs';
import { SelfSigned } from '../support/self_signed.mjs';
import { closeAll } from '../support/sockets.mjs';

/// In a file the default is that of Reverb, against which `fanfare check` warns.
const safeApp = (settings = {}) => testApp({ accept_client_events_from: 'members', ...settings });
const withApps = (options = {}) => ({ apps: [safeApp()], ...options });

/// Not ok, as `area: what`.
const complaints = ({ findings }) =>
    findings
        .filter(({ severity }) => ['warning', 'error'].includes(severity))
        .map(({ area, what }) => `${area}: ${what}`);

/// The only complaint, which has a reason and a fix.
function complaint(report) {
    assert.equal(complaints(report).length, 1, complaints(report).join('\n'));
    const finding = report.findings.find(({ severity }) => ['warning', 'error'].includes(severity));
    assert.ok(finding.why && finding.fix, JSON.stringify(finding));
    return finding;
}

const finding = ({ findings }, area, pattern) => {
    const found = findings.find((each) => each.area === area && pattern.test(each.what));
    assert.ok(found, `${area}: ${pattern} in ${JSON.stringify(findings, null, 1)}`);
    return found;
};

function assertWell(report) {
    assert.deepEqual(complaints(report), []);
    assert.equal(report.code, 0);
    assert.match(finding(report, 'round trip', /arrives/).what, /\(\d+ ms\)$/);
}

/// nginx in front of the daemon, with the site as `edit` leaves it.
async function behindNginx(daemon, options, check) {
    const nginx = new Nginx(daemon, options);
    try {
        await nginx.start();
        await check(nginx);
    } finally {
        await nginx.stop();
    }
}

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
            'mixed_content',
            { APP_URL: 'https://shop.test' },
            2,
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
            assert.match(what, /\/ws\/apps\/… answers 404 from nginx\S* with a web page/);
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
    const sockets = new Set();
    const proxy = http.createServer((request, response) => {
        const { method, url, headers } = request;
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
                assertWell(report);
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
