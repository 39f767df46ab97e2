// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useDaemon } from '../support/daemon.mjs';
import { fetchRaw, HttpConnection, requestBytes } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('http', () => {
    const limit = 4000;
    const daemon = useDaemon({ server: { max_request_size: limit } });
    const event = (name, data = '1') => ({ name, channel: 'http', data });

    async function subscriber() {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('http');
        return client;
    }

    /// A signed publish of exactly `size` bytes, head included.
    function eventOfSize(size) {
        const build = (length) =>
            daemon.api().bytes('POST', '/events', { body: event('sized', 'x'.repeat(length)) });
        const bytes = build(size - build(1000).length + 1000);
        assert.equal(bytes.length, size);
        return bytes;
    }

    async function send(bytes) {
        const connection = await HttpConnection.open(daemon);
        connection.write(bytes);
        const answer = await connection.response();
        connection.close();
        return answer;
    }

    test('r097_up_is_healthy_and_unsigned', async () => {
        const answer = await fetchRaw(daemon, { target: '/up' });
        assert.equal(answer.status, 200);
        assert.equal(answer.body, '{"health":"OK"}');
        assert.equal(answer.headers['content-type'], 'application/json');
        const head = await fetchRaw(daemon, { method: 'HEAD', target: '/up' });
        assert.equal(head.status, 200);
        assert.equal(head.body, '');
        assert.equal((await fetchRaw(daemon, { target: '/ready' })).status, 200);
        assert.equal((await fetchRaw(daemon, { target: '/live' })).status, 200);
    });

    test('r094_unknown_routes_are_404', async () => {
        for (const target of ['/', '/app', '/apps', '/apps/app', '/apps/app/', '/apps/app/nothing', '/UP', '/up/']) {
            const answer = await fetchRaw(daemon, { target });
            assert.equal(answer.status, 404, `${target}: ${answer.status} ${answer.body}`);
        }
        const signed = await daemon.api().get('/nothing');
        assert.equal(signed.status, 404);
        assert.match(signed.body, /^Not found\./);
    });

    test('r094_wrong_methods_are_405_with_allow', async () => {
        const posts = ['/events', '/batch_events', '/users/1/terminate_connections'];
        for (const path of posts) {
            const answer = await daemon.api().get(path);
            assert.equal(answer.status, 405, path);
            assert.equal(answer.body.trim(), 'Method not allowed.');
            assert.match(answer.headers.allow, /\bPOST\b/);
        }
        for (const path of ['/channels', '/channels/c', '/channels/presence-c/users', '/connections']) {
            const answer = await daemon.api().post(path, '{}');
            assert.equal(answer.status, 405, path);
            assert.match(answer.headers.allow, /\bGET\b/);
        }
        for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'BREW']) {
            const answer = await fetchRaw(daemon, { method, target: '/apps/app/events' });
            assert.equal(answer.status, 405, method);
            assert.equal(answer.headers['access-control-allow-origin'], undefined);
        }
    });

    test('r094_a_request_of_exactly_max_request_size_is_accepted', async () => {
        const client = await subscriber();
        const answer = await send(eventOfSize(limit));
        assert.equal(answer.status, 200, answer.body);
        await client.expect('sized');
    });

    test('r094_one_byte_more_is_413_naming_the_setting', async () => {
        const answer = await send(eventOfSize(limit + 1));
        assert.equal(answer.status, 413);
        assert.match(answer.body, /^Payload too large\./);
        assert.match(answer.body, /max_request_size/);
        assert.match(answer.body, /4001/, 'the size that was seen');
        assert.match(answer.body, /4000/, 'the limit');
        assert.doesNotMatch(answer.body.trim(), /[\n<]/);
    });

    test('r094_content_length_alone_shows_it_and_the_body_is_not_awaited', async () => {
        const head = 'POST /apps/app/events HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n';
        assert.equal((await send(head)).status, 413);
        const expecting = head.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
        assert.equal((await send(expecting)).status, 413);
    });

    test('r094_chunked_bodies_and_endless_heads_are_bounded_too', async () => {
        const connection = await HttpConnection.open(daemon);
        connection.write('POST /apps/app/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
        for (let i = 0; i < 10; i += 1) connection.write(`200\r\n${'x'.repeat(512)}\r\n`);
        assert.equal((await connection.response()).status, 413);
        connection.close();
        const endless = await send(`GET /up HTTP/1.1\r\nHost: x\r\nX-Filler: ${'x'.repeat(limit)}\r\n\r\n`);
        assert.ok([413, 431, 400].includes(endless.status), `status ${endless.status}`);
    });

    test('r095_keep_alive_serves_many_requests_on_one_connection', async () => {
        const client = await subscriber();
        const connection = await HttpConnection.open(daemon);
        for (let i = 0; i < 20; i += 1) {
            connection.write(daemon.api().bytes('POST', '/events', { body: event(`keep-${i}`) }));
            const answer = await connection.response();
            assert.equal(answer.version, 'HTTP/1.1');
            assert.equal(answer.status, 200, answer.body);
            await client.expect(`keep-${i}`);
        }
        connection.write(requestBytes({ target: '/nowhere' }));
        assert.equal((await connection.response()).status, 404);
        assert.ok(connection.isOpen, 'an error answer does not end the connection');
        connection.write(requestBytes({ target: '/up', headers: { Connection: 'close' } }));
        const last = await connection.response();
        assert.equal(last.headers.connection?.toLowerCase(), 'close');
        assert.equal(await connection.end(), '');
    });

    test('r095_http_1_0_is_answered_and_closed', async () => {
        const connection = await HttpConnection.open(daemon);
        connection.write('GET /up HTTP/1.0\r\n\r\n');
        assert.equal((await connection.response()).body, '{"health":"OK"}');
        await connection.end();
    });

    test('r095_pipelined_requests_are_answered_in_order', async () => {
        const client = await subscriber();
        const connection = await HttpConnection.open(daemon);
        const requests = [];
        for (let i = 0; i < 10; i += 1) {
            requests.push(daemon.api().bytes('POST', '/events', { body: event(`piped-${i}`) }));
            requests.push(requestBytes({ target: i % 2 ? '/up' : '/nowhere' }));
        }
        connection.write(Buffer.concat(requests));
        for (let i = 0; i < 10; i += 1) {
            assert.equal((await connection.response()).status, 200);
            assert.equal((await connection.response()).status, i % 2 ? 200 : 404);
        }
        for (let i = 0; i < 10; i += 1) await client.expect(`piped-${i}`);
        connection.close();
    });

    test('r095_the_size_limit_is_of_one_request_however_many_are_piled_up', async () => {
        const connection = await HttpConnection.open(daemon);
        const padding = 'x'.repeat(800);
        const requests = Array.from({ length: 60 }, (_, i) =>
            daemon.api().bytes('POST', '/events', { body: event(`piled-${i}`, padding) }),
        );
        connection.write(Buffer.concat(requests));
        for (let i = 0; i < requests.length; i += 1) {
            assert.equal((await connection.response()).status, 200, `request ${i}`);
        }
        connection.close();
    });

    const chunked = (body, sizes, trailer = '') => {
        const chunks = [];
        for (let at = 0, i = 0; at < body.length; i += 1) {
            const piece = body.slice(at, at + sizes[i % sizes.length]);
            chunks.push(`${piece.length.toString(16)}${i % 2 ? ';ext="x"' : ''}\r\n${piece}\r\n`);
            at += piece.length;
        }
        return `${chunks.join('')}0\r\n${trailer}\r\n`;
    };

    test('r095_chunked_bodies_are_read_and_verified', async () => {
        const client = await subscriber();
        const body = JSON.stringify(event('chunked', 'y'.repeat(300)));
        for (const [sizes, trailer] of [[[1000], ''], [[1], ''], [[7, 100], 'X-Trailer: 1\r\n']]) {
            const request = daemon.api().request('POST', '/events', { body });
            const head = requestBytes({
                ...request,
                body: '',
                headers: { ...request.headers, 'Transfer-Encoding': 'chunked' },
            });
            const connection = await HttpConnection.open(daemon);
            connection.write(Buffer.concat([head, Buffer.from(chunked(body, sizes, trailer))]));
            const answer = await connection.response();
            assert.equal(answer.status, 200, answer.body);
            await client.expect('chunked');
            connection.write(requestBytes({ target: '/up' }));
            assert.equal((await connection.response()).status, 200);
            connection.close();
        }
    });

    test('r095_expect_100_continue_is_answered_before_the_body', async () => {
        const client = await subscriber();
        const body = JSON.stringify(event('expected'));
        const bytes = daemon.api().bytes('POST', '/events', { body, headers: { Expect: '100-continue' } });
        const connection = await HttpConnection.open(daemon);
        connection.write(bytes.subarray(0, bytes.length - body.length));
        assert.equal((await connection.response()).status, 100);
        connection.write(bytes.subarray(bytes.length - body.length));
        assert.equal((await connection.response()).status, 200);
        await client.expect('expected');
        connection.close();
    });

    test('r095_a_request_byte_by_byte_works', async () => {
        const client = await subscriber();
        const connection = await HttpConnection.open(daemon);
        await connection.writePieces(daemon.api().bytes('POST', '/events', { body: event('slow') }), 1);
        assert.equal((await connection.response()).status, 200);
        await client.expect('slow');
        connection.close();
    });

    test('r095_malformed_http_is_400_and_the_end', async () => {
        for (const bytes of [
            'NONSENSE\r\n\r\n',
            'GET /up\r\n\r\n',
            'GET /up HTTP/1.1\r\nno colon here\r\n\r\n',
            'POST /apps/app/events HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n',
            'POST /apps/app/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
            'POST /apps/app/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
            'POST /apps/app/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
            '\u0017\u0003\u0003 binary\r\n\r\n',
        ]) {
            const connection = await HttpConnection.open(daemon);
            connection.write(bytes);
            const answer = await connection.response();
            assert.equal(answer.status, 400, `${JSON.stringify(bytes)}: ${answer.status}`);
            await connection.end();
        }
    });

    test('r095_a_compressed_body_is_refused', async () => {
        const request = daemon.api().request('POST', '/events', { body: event('zipped') });
        const answer = await fetchRaw(daemon, {
            ...request,
            headers: { ...request.headers, 'Content-Encoding': 'gzip' },
        });
        assert.ok([400, 415].includes(answer.status), `status ${answer.status}`);
    });
});

describe('http switches', () => {
    const daemon = useDaemon({ server: { root_ok: true, api_cors_origins: ['https://admin.test'] } });

    test('r094_root_ok_answers_ok', async () => {
        const answer = await fetchRaw(daemon, { target: '/' });
        assert.equal(answer.status, 200);
        assert.match(answer.body, /^OK\s*$/);
    });

    test('r094_api_cors_origins_opens_the_api_to_them', async () => {
        const preflight = (origin) =>
            fetchRaw(daemon, {
                method: 'OPTIONS',
                target: '/apps/app/events',
                headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
            });
        const allowed = await preflight('https://admin.test');
        assert.ok([200, 204].includes(allowed.status), `status ${allowed.status}`);
        assert.match(allowed.headers['access-control-allow-origin'], /^(\*|https:\/\/admin\.test)$/);
        const other = await preflight('https://evil.test');
        assert.notEqual(other.headers['access-control-allow-origin'], 'https://evil.test');
        assert.notEqual(other.headers['access-control-allow-origin'], '*');
    });
});
