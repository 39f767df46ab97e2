// SPDX-License-Identifier: MIT
// The site that `fanfare nginx` prints, in a real nginx, with the real clients behind which it has to be unseen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { after, before, describe, test } from 'node:test';
import PusherServer from 'pusher';
import { Api } from '../support/api.mjs';
import { useAuthServer } from '../support/auth_server.mjs';
import { nextEvent, pusherClient, reachesState, useClients } from '../support/clients.mjs';
import { Daemon, testApp, useDaemon } from '../support/daemon.mjs';
import { fetchRaw } from '../support/http.mjs';
import { Nginx } from '../support/nginx.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { SelfSigned } from '../support/self_signed.mjs';

/// That of the HTTPS sites, which every client of this process trusts.
const certificate = new SelfSigned();
const createSecureContext = tls.createSecureContext;
tls.createSecureContext = (options) => {
    const made = createSecureContext(options);
    made.context.addCACert(certificate.options.cert);
    return made;
};
after(() => certificate.remove());

/// nginx in front of the daemon, for the tests of the surrounding `describe`.
function useNginx(daemon, options) {
    const nginx = new Nginx(daemon, options);
    before(() => nginx.start());
    after(() => nginx.stop());
    return nginx;
}

/// The SDK joins host and port, so that a host may have a path.
const sdkThrough = ({ host, port, app }, { useTLS = false, prefix = '' } = {}) =>
    new PusherServer({
        appId: app.app_id,
        key: app.key,
        secret: app.secret,
        host: `${host}:${port}${prefix}`,
        useTLS,
    });

/// Connections that have ended lately and whose other end was the port: one for each request without keep-alive.
function closedConnectionsTo(port) {
    const timeWait = '06';
    const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
    return lines
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , remote, state]) => state === timeWait && parseInt(remote.split(':')[1], 16) === port)
        .length;
}

const proxied = { trusted_proxies: ['127.0.0.1'] };

for (const prefix of ['', '/ws']) {
    for (const scheme of ['http', 'https']) {
        describe(`nginx with ${scheme} and the path "${prefix}/"`, () => {
            const useTLS = scheme === 'https';
            const daemon = useDaemon({
                server: { ...proxied, path: prefix },
                apps: [testApp({ tls_only: useTLS })],
            });
            const auth = useAuthServer(daemon);
            const nginx = useNginx(daemon, useTLS ? { certificate } : {});
            useClients();

            test('pusher_js_and_the_sdk_meet', async () => {
                const pusher = pusherClient(nginx, {
                    wsPath: prefix,
                    forceTLS: useTLS,
                    enabledTransports: ['ws', 'wss'],
                    channelAuthorization: { endpoint: auth.url, headers: { 'X-User': 'ann' } },
                });
                await reachesState(pusher, 'connected');
                const channel = pusher.subscribe('private-room');
                await nextEvent(channel, 'pusher:subscription_succeeded');
                const event = nextEvent(channel, 'news');
                const sdk = sdkThrough(nginx, { useTLS, prefix });
                await sdk.trigger('private-room', 'news', { text: 'é/"<>' });
                assert.deepEqual(await event, { text: 'é/"<>' });
                const answer = await (await sdk.get({ path: '/channels' })).json();
                assert.deepEqual(Object.keys(answer.channels), ['private-room']);
            });
        });
    }
}

describe('the site of nginx', () => {
    const daemon = useDaemon({
        server: { ...proxied, max_connections_per_ip: 1, path: 'ws' },
        apps: [testApp({ tls_only: true }), testApp({ app_id: 'plain', key: 'plain-key' })],
    });
    const nginx = useNginx(daemon);
    const from = (localAddress, app = daemon.settings.apps[1]) => ({
        host: nginx.host,
        port: nginx.port,
        localAddress,
        app,
    });

    test('tells_the_client_s_address', async () => {
        const client = await PusherClient.connect(from('127.0.0.5'), { prefix: '/ws' });
        const path = `/ws${appPath(daemon.settings.apps[1])}`;
        await expectRefused(from('127.0.0.5'), path, 4100);
        await PusherClient.connect(from('127.0.0.6'), { prefix: '/ws' });
        client.socket.destroy();
    });

    test('tells_that_there_is_no_tls', async () => {
        await expectRefused(from('127.0.0.7'), `/ws${appPath(daemon.app)}`, 4000);
    });

    test('passes_health_and_nothing_else', async () => {
        const status = async (target) => (await fetchRaw(nginx, { target })).status;
        assert.equal(await status('/ws/up'), 200);
        assert.equal(await status('/ws/ready'), 200);
        for (const path of ['/', '/up', '/ws/metrics', '/ws/demo/']) assert.equal(await status(path), 404);
    });

    test('keeps_its_connections_to_the_api', async () => {
        const api = daemon.api(daemon.settings.apps[1]);
        api.daemon = nginx;
        const before = closedConnectionsTo(daemon.port);
        for (let i = 0; i < 20; i += 1) {
            const { status } = await api.get('/channels', {}, { prefix: '/ws' });
            assert.equal(status, 200);
        }
        assert.ok(closedConnectionsTo(daemon.port) - before < 5, 'connections are used again');
    });

    test('leaves_it_to_fanfare_to_refuse_what_is_too_long', async () => {
        const api = daemon.api(daemon.settings.apps[1]);
        api.daemon = nginx;
        const response = await api.post('/events', { data: 'x'.repeat(10_200) }, { prefix: '/ws' });
        assert.equal(response.status, 413);
        assert.doesNotMatch(response.body, /nginx/);
    });
});

describe('nginx in front of a daemon that speaks TLS', () => {
    const daemon = useDaemon({
        server: {
            ...proxied,
            tls_certificate_file: certificate.file,
            tls_key_file: certificate.keyFile,
        },
    });
    daemon.authority = certificate.options.cert;
    const nginx = useNginx(daemon);

    test('speaks_it_too', async () => {
        const client = await PusherClient.connect(nginx);
        await client.subscribe('c');
        await new Api(nginx, daemon.app).publish(['c'], 'news', 'x');
        await client.expect('news');
    });
});

describe('the site of nginx is made for the configuration', () => {
    const siteFor = (options) => {
        const daemon = new Daemon({ port: 9000, ...options });
        daemon.configure();
        const nginx = new Nginx(daemon);
        nginx.port = 80;
        try {
            return nginx.site();
        } finally {
            nginx.remove();
            daemon.remove();
        }
    };

    test('the_line_is_not_cut_before_the_slowest_app_would_give_up', () => {
        const slow = testApp({ app_id: 'slow', key: 'slow', ping_interval: 300, pong_timeout: 60 });
        const site = siteFor({ apps: [testApp(), slow] });
        assert.match(site, /proxy_read_timeout 390s;/);
        assert.match(site, /server 127\.0\.0\.1:9000;/);
    });

    test('addresses_and_names_of_every_kind_become_what_nginx_understands', () => {
        assert.match(siteFor({ server: { host: '::' } }), /server \[::1\]:9000;/);
        assert.match(siteFor({ server: { host: '0.0.0.0' } }), /server 127\.0\.0\.1:9000;/);
        const site = siteFor({ server: { hostname: 'ws.shop.test', path: 'a;b', max_request_size: 5e6 } });
        assert.match(site, /server_name ws\.shop\.test;/);
        assert.match(site, /location "\/a;b\/app\/" {/);
        assert.match(site, /client_max_body_size 4883k;/);
    });

    test('what_nginx_cannot_do_is_refused_in_one_line', () => {
        for (const [server, complaint] of [
            [{ port: 0 }, /server\.port .*expected the port that nginx finds/],
            [{ ...proxied, proxy_protocol: true }, /server\.proxy_protocol .*expected false/],
            [{ tls_client_ca_file: '/x' }, /server\.tls_client_ca_file .*expected nothing/],
        ]) {
            assert.throws(
                () => siteFor({ server }),
                (error) => error.status === 2 && complaint.test(error.stderr),
            );
        }
    });
});
