// SPDX-License-Identifier: MIT
// Who the client is when there is a proxy in front. All connections of these tests come from 127.0.0.1,
// so the address that counts is told by the limit of one connection for each.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { fetchRaw, HttpConnection } from '../support/http.mjs';
import { expectCounted, metricsAnywhere } from '../support/metrics.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';

const manyFromThere = 'Too many connections from your address.';
const limit = { max_connections_per_ip: 1 };
const forwarded = (address) => ({ headers: { 'X-Forwarded-For': address } });
const refused = (daemon, upgrade) =>
    expectRefused(daemon, appPath(daemon.app), 4100, manyFromThere, upgrade);

describe('without trusted proxies', () => {
    const daemon = useDaemon({ server: limit, apps: [testApp({ tls_only: true })] });
    const secure = (address) => ({
        headers: { 'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https' },
    });

    test('a_forwarded_address_is_not_believed_but_tls_is', async () => {
        await PusherClient.connect(daemon, secure('192.0.2.1'));
        await refused(daemon, secure('192.0.2.2'));
        await expectRefused(daemon, appPath(daemon.app), 4000);
    });
});

describe('behind a trusted proxy', () => {
    const daemon = useDaemon({ server: { ...limit, trusted_proxies: ['127.0.0.0/8', '10.0.0.1'] } });

    test('the_client_is_the_right_most_address_that_is_no_proxy', async () => {
        await PusherClient.connect(daemon, forwarded('192.0.2.1'));
        await refused(daemon, forwarded('192.0.2.1'));
        await refused(daemon, forwarded('198.51.100.1, 192.0.2.1'));
        await refused(daemon, forwarded('192.0.2.1, 10.0.0.1'));
        await PusherClient.connect(daemon, forwarded('192.0.2.1, 192.0.2.2'));
    });
});

describe('behind a proxy that is not trusted', () => {
    const apps = [testApp({ tls_only: true })];
    const daemon = useDaemon({ apps, server: { ...limit, trusted_proxies: ['10.0.0.1'] } });

    test('its_headers_count_for_nothing', async () => {
        const headers = { 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https' };
        await expectRefused(daemon, appPath(daemon.app), 4000, undefined, { headers });
    });
});

describe('the PROXY protocol', () => {
    const daemon = useDaemon({
        server: { ...limit, trusted_proxies: ['127.0.0.2'], proxy_protocol: true, ...metricsAnywhere },
    });
    /// The server as the proxy reaches it.
    const behind = () => ({ host: daemon.host, port: daemon.port, localAddress: '127.0.0.2' });

    const text = (address) => `PROXY TCP4 ${address} 10.0.0.1 8080 443\r\n`;

    const binary = (address, extension = '') => {
        const payload = Buffer.concat([
            Buffer.from(address.split('.').map(Number)),
            Buffer.from([10, 0, 0, 1, 0x1f, 0x90, 1, 0xbb]),
            Buffer.from(extension),
        ]);
        const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11', 'latin1');
        return Buffer.concat([head, Buffer.from([0, payload.length]), payload]);
    };

    test('both_versions_stand_before_pipelined_requests_however_they_are_cut', async () => {
        const requests = Buffer.from('GET /up HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2));
        const extension = '\x04\0\x01x';
        for (const header of [text('192.0.2.1'), binary('192.0.2.1'), binary('192.0.2.1', extension)]) {
            const bytes = Buffer.concat([Buffer.from(header), requests]);
            for (const size of [1, 7, bytes.length]) {
                const connection = await HttpConnection.open(behind());
                await connection.writePieces(bytes, size);
                for (let i = 0; i < 2; i += 1) assert.equal((await connection.response()).status, 200);
                connection.close();
            }
        }
    });

    test('the_address_in_the_header_is_the_clients', async () => {
        const { app } = daemon;
        await PusherClient.connect(behind(), { app, before: text('192.0.2.7') });
        for (const before of [text('192.0.2.7'), binary('192.0.2.7')]) {
            await expectRefused(behind(), appPath(app), 4100, manyFromThere, { before });
        }
        await PusherClient.connect(behind(), { app, before: binary('192.0.2.8') });
    });

    test('what_such_a_client_says_of_itself_counts_for_nothing', async () => {
        const { app } = daemon;
        await PusherClient.connect(behind(), { app, before: text('192.0.2.9') });
        const before = text('192.0.2.9');
        const liar = { before, ...forwarded('192.0.2.10') };
        await expectRefused(behind(), appPath(app), 4100, manyFromThere, liar);
    });

    test('a_proxy_that_sends_no_header_is_told_and_counted', async () => {
        await expectCounted(daemon, 'connections_refused', 'proxy_header', async () => {
            const answer = await fetchRaw(behind(), { target: '/up' });
            assert.equal(answer.status, 400);
            assert.match(answer.body, /proxy_protocol/);
        });
    });

    test('others_are_read_as_they_come_and_for_them_a_header_is_malformed_http', async () => {
        assert.equal((await fetchRaw(daemon, { target: '/up' })).status, 200);
        const connection = await HttpConnection.open(daemon);
        connection.write(`${text('192.0.2.1')}GET /up HTTP/1.1\r\nHost: h\r\n\r\n`);
        assert.equal((await connection.response()).status, 400);
    });
});
