// SPDX-License-Identifier: MIT
// TLS in the daemon, as clients, SDKs and mistaken ones meet it. The conformance suite runs over it too.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { BINARY, Daemon, Process, WITH_TLS, cleanEnvironment, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, within } from '../support/deadline.mjs';
import { fetchRaw, HttpConnection } from '../support/http.mjs';
import { counted, metricsAnywhere } from '../support/metrics.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { SelfSigned } from '../support/self_signed.mjs';
import { closeAll, connectTo } from '../support/sockets.mjs';

const run = promisify(execFile);
const certificates = [];
const make = (...args) => {
    certificates.push(new SelfSigned(...args));
    return certificates.at(-1);
};
after(() => certificates.forEach((each) => each.remove()));

/// A daemon with TLS whose certificate file lies in its own directory and may be replaced.
function tlsDaemon(certificate, { server = {}, ...options } = {}) {
    const daemon = new Daemon({ server, ...options });
    const own = { file: path.join(daemon.directory, 'tls.pem'), keyFile: path.join(daemon.directory, 'tls.key') };
    daemon.install = (next) => {
        for (const [from, to] of [[next.keyFile, own.keyFile], [next.file, own.file]]) {
            copyFileSync(from, `${to}.new`);
            renameSync(`${to}.new`, to);
        }
        daemon.authority = next.options.cert;
    };
    daemon.install(certificate);
    Object.assign(daemon.settings.server, {
        tls_certificate_file: own.file,
        tls_key_file: own.keyFile,
    });
    return daemon;
}

async function running(daemon, body) {
    try {
        await daemon.start();
        await body();
    } finally {
        closeAll();
        if (daemon.process) await daemon.stop();
        daemon.remove();
    }
}

/// The subject of the certificate that is shown to who asks for `servername`.
function subjectFor(daemon, servername, options = {}) {
    return within(
        new Promise((resolve, reject) => {
            const socket = connectTo(
                { ...daemon, servername, rejectUnauthorized: false, ...options },
                () => {
                    resolve(socket.getPeerCertificate().subject.CN);
                    socket.destroy();
                },
            ).once('error', reject);
        }),
        'a handshake',
    );
}

describe('TLS', () => {
    const daemon = tlsDaemon(make([], 'first'), {
        apps: [testApp({ tls_only: true })],
        server: { trusted_proxies: ['192.0.2.1'] },
    });

    test('serves_messages_of_all_sizes_and_requests_and_satisfies_tls_only', () =>
        running(daemon, async () => {
            const clients = [];
            for (let i = 0; i < 20; i += 1) clients.push(await PusherClient.connect(daemon));
            for (const client of clients) await client.subscribe('c');
            for (const size of [1, 1_000, 9_000]) {
                await daemon.api().publish('c', 'sized', 'x'.repeat(size));
                for (const client of clients) {
                    await client.expect('sized', ({ data }) => data.length === size);
                }
            }
            await Promise.all(
                Array.from({ length: 300 }, (_, i) => daemon.api().publish('c', 'burst', `${i}`)),
            );
            for (const client of clients) {
                const seen = new Set();
                for (let i = 0; i < 300; i += 1) seen.add((await client.expect('burst')).data);
                assert.equal(seen.size, 300);
            }
        }));

    test('handshakes_use_tls_1_2_or_1_3_only', async () => {
        const modern = tlsDaemon(make());
        const request = String.raw`GET /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
        const ask = (...options) =>
            run('sh', [
                '-c',
                `printf '${request}' | openssl s_client -quiet -connect 127.0.0.1:${modern.port} ${options.join(' ')}`,
            ]);
        await running(modern, async () => {
            for (const version of ['-tls1_2', '-tls1_3']) {
                const { stdout } = await ask(version, '-alpn h2,http/1.1');
                assert.match(stdout, /^HTTP\/1.1 200 OK/);
            }
            await assert.rejects(ask('-tls1_1', '-cipher ALL:@SECLEVEL=0'));
            await ask('-tls1_2', '-cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256');
            await assert.rejects(ask('-tls1_2', '-cipher kRSA'), 'without forward secrecy');
            await assert.rejects(ask('-tls1_2', '-cipher ECDHE:!AESGCM:!CHACHA20'), 'without AEAD');
        });
    });

    test('health_asks_in_tls', async () => {
        const healthy = tlsDaemon(make());
        await running(healthy, async () => {
            const { stderr } = await run(BINARY, ['health', '--config', healthy.file], {
                cwd: healthy.directory,
                env: cleanEnvironment(),
            });
            assert.equal(stderr, '');
        });
    });

    test('sni_chooses_the_certificate', async () => {
        const [first, second] = [make(['first.test'], 'first'), make(['second.test', '*.wild.test'], 'second')];
        const named = tlsDaemon(first, {
            server: { tls_more_certificates: [`${second.file}:${second.keyFile}`] },
        });
        await running(named, async () => {
            assert.equal(await subjectFor(named, 'first.test'), 'first');
            assert.equal(await subjectFor(named, 'second.test'), 'second');
            assert.equal(await subjectFor(named, 'a.wild.test'), 'second');
            assert.equal(await subjectFor(named, 'unknown.test'), 'first');
        });
    });

    test('clients_may_have_to_show_a_certificate', async () => {
        const [own, friend, stranger] = [make(), make([], 'friend'), make([], 'stranger')];
        const closed = tlsDaemon(own, { server: { tls_client_ca_file: friend.file } });
        Object.assign(closed, friend.options); // what its clients show
        const show = (certificate) =>
            fetchRaw({ ...closed, authority: closed.authority, ...certificate }, { target: '/up' });
        closed.cert = friend.options.cert;
        await running(closed, async () => {
            assert.equal((await show(friend.options)).status, 200);
            await assert.rejects(show(stranger.options));
            await assert.rejects(show({ cert: undefined, key: undefined }));
        });
    });

    test('a_certificate_that_changes_is_shown_to_new_clients_and_the_others_stay', async () => {
        const renewed = tlsDaemon(make([], 'old'));
        await running(renewed, async () => {
            const client = await PusherClient.connect(renewed);
            await client.subscribe('c');
            renewed.install(make([], 'new'));
            await eventually(
                async () => (await subjectFor(renewed, 'localhost')) === 'new',
                'the new certificate',
            );
            await renewed.api().publish('c', 'news', 'x');
            await client.expect('news');
            writeFileSync(path.join(renewed.directory, 'tls.pem'), 'nonsense');
            await eventually(() => /not reloaded.*tls\.pem: .*expected/.test(renewed.log), 'a word about it');
            assert.equal(await subjectFor(renewed, 'localhost'), 'new');
        });
    });

    test('certificates_that_a_reload_names_are_followed_too', async () => {
        const renewed = tlsDaemon(make([], 'first'));
        await running(renewed, async () => {
            const [file, keyFile] = ['other.pem', 'other.key'].map((name) => path.join(renewed.directory, name));
            const put = (next) => {
                copyFileSync(next.keyFile, keyFile);
                copyFileSync(next.file, file);
                renewed.authority = next.options.cert;
            };
            const shows = (name) =>
                eventually(async () => (await subjectFor(renewed, 'localhost')) === name, `certificate "${name}"`);
            put(make([], 'second'));
            Object.assign(renewed.settings.server, { tls_certificate_file: file, tls_key_file: keyFile });
            renewed.configure();
            await shows('second');
            put(make([], 'third'));
            await shows('third');
        });
    });

    test('who_speaks_plain_http_is_told_and_so_is_the_operator', async () => {
        const mistaken = tlsDaemon(make());
        await running(mistaken, async () => {
            const plain = { host: mistaken.host, port: mistaken.port };
            const answer = await fetchRaw(plain, { target: '/up' });
            assert.equal(answer.status, 400);
            assert.match(answer.body, /speaks TLS.*https/);
            await eventually(() => /warn.*plain HTTP.*https:\/\//.test(mistaken.log), 'a warning');
            const garbage = await HttpConnection.open(plain);
            garbage.write('\x00\x01\x02');
            await garbage.end();
        });
    });

    test('garbage_in_and_after_the_handshake_ends_only_that_connection', async () => {
        const robust = tlsDaemon(make(), { server: metricsAnywhere });
        await running(robust, async () => {
            const client = await PusherClient.connect(robust);
            await client.subscribe('c');
            const plain = { host: robust.host, port: robust.port };
            for (const bytes of ['\x16\x03\x01\x00\x05hello', '\x16\xff\xff\xff\xff', '\x16']) {
                const bad = await HttpConnection.open(plain);
                bad.write(Buffer.from(bytes, 'latin1'));
                if (bytes.length > 1) await bad.end();
                bad.close();
            }
            await robust.api().publish('c', 'news', 'x');
            await client.expect('news');
            await eventually(
                async () => (await counted(robust, 'connections_refused', 'tls')) === 2,
                'both are counted',
            );
        });
    });

    test('a_wrong_file_stops_the_start_with_a_line_that_names_it', async () => {
        const certificate = make();
        const wrong = tlsDaemon(certificate);
        wrong.settings.server.tls_key_file = make().keyFile;
        wrong.port = 1; // never used
        wrong.configure();
        const check = new Process(['check', '--config', wrong.file], {
            cwd: wrong.directory,
            env: cleanEnvironment(),
        });
        const { code } = await check.ended();
        assert.notEqual(code, 0);
        assert.match(check.stderr, /^fanfare: server\.tls_.*key\.pem: key values mismatch; expected .*\n$/);
        wrong.remove();
    });
});

describe('a plain port', () => {
    const daemon = useDaemon();

    test('recognises_tls_and_says_what_to_do', { skip: WITH_TLS }, async () => {
        await assert.rejects(
            fetchRaw({ ...daemon, host: daemon.host, port: daemon.port, authority: 'x' }, { target: '/up' }),
            /alert handshake failure/,
        );
        await eventually(() => /warn.*speaks TLS.*FANFARE_TLS_CERTIFICATE_FILE/.test(daemon.log), 'a warning');
    });
});

describe('real clients over TLS', () => {
    test('pusher_js_and_the_server_sdk', async () => {
        const certificate = make();
        const daemon = tlsDaemon(certificate);
        await running(daemon, async () => {
            // In a process of its own, which trusts the certificate from its start.
            const { stdout } = await run(
                process.execPath,
                [new URL('../support/tls_clients.mjs', import.meta.url).pathname, String(daemon.port)],
                { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate.file } },
            );
            assert.equal(stdout.trim(), 'received {"over":"tls"}');
        });
    });
});
