// SPDX-License-Identifier: MIT
// The log: for programs by default, for people on a terminal, and never with what is confidential.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { createHash } from 'node:crypto';
import { nextEvent, pusherClient, serverSdk, useClients } from '../support/clients.mjs';
import { command } from '../support/control.mjs';
import { BINARY, cleanEnvironment, Daemon, testApp, useDaemon } from '../support/daemon.mjs';
import { fetchRaw } from '../support/http.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const md5 = (text) => createHash('md5').update(text).digest('hex');

const lines = (daemon) =>
    daemon.process.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));

async function converse(daemon) {
    const client = pusherClient(daemon);
    const channel = client.subscribe('room');
    await nextEvent(channel, 'pusher:subscription_succeeded');
    const told = nextEvent(channel, 'told');
    await serverSdk(daemon).trigger('room', 'told', { text: 'c0nfidential' });
    await told;
    const socketId = client.connection.socket_id;
    client.send_event('client-said', { text: 'c0nfidential' }, 'room');
    return { client, socketId };
}

describe('a log that is no terminal', () => {
    const daemon = useDaemon({
        apps: [testApp({ secret: 's3cret-of-the-app' })],
        server: { log_format: 'auto', debug: true },
    });
    useClients();

    test('is_json_with_the_fields_of_a_connection', async () => {
        const { client, socketId } = await converse(daemon);
        client.disconnect();
        const about = (message) =>
            lines(daemon).find((line) => line.message === message && line.socket_id === socketId);
        const closed = await eventually(() => about('connection closed'), 'closed');
        assert.equal(closed.app, 'app');
        assert.equal(closed.level, 'debug');
        assert.match(closed.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(about('connection established').address, '127.0.0.1');
        assert.equal(about('message received').event, 'pusher:subscribe');
    });

    test('knows_a_request_by_the_id_that_a_proxy_gave_it', async () => {
        const target = '/apps/app/channels';
        await fetchRaw(daemon, { target, headers: { 'X-Request-Id': 'from-nginx' } });
        const of = (message) =>
            lines(daemon).find((line) => line.message === message && line.request_id === 'from-nginx');
        const { method, path, status } = await eventually(() => of('api request'), 'its line');
        assert.deepEqual({ method, path, status }, { method: 'GET', path: target, status: '401' });
        assert.match(of('api request refused').reason, /auth_signature is missing/);
    });

    test('has_neither_secrets_nor_what_is_sent', async () => {
        const { socketId } = await converse(daemon);
        await eventually(
            () => lines(daemon).some((line) => line.socket_id === socketId && line.event === 'client-said'),
            'a client event',
        );
        assert.ok(lines(daemon).some((line) => line.message === 'broadcasting to' && line.channel === 'room'));
        assert.doesNotMatch(daemon.log, /c0nfidential|s3cret/);
    });

    test('shows_what_a_wrong_signature_is_for_but_not_who_somebody_is', async () => {
        const client = await PusherClient.connect(daemon);
        const data = JSON.stringify({ user_id: '1', user_info: { email: 'c0nfidential@example.com' } });
        const user = JSON.stringify({ id: '1', email: 'c0nfidential@example.com' });
        const auth = 'app-key:wrong';
        client.send('pusher:subscribe', { data: { channel: 'presence-room', auth, channel_data: data } });
        client.send('pusher:signin', { data: { auth, user_data: user } });
        const [first, second] = await eventually(() => {
            const found = lines(daemon).filter(
                (line) => line.message === 'signature refused' && line.socket_id === client.socketId,
            );
            return found.length === 2 && found;
        }, 'both refusals');
        assert.equal(first.to_sign, `${client.socketId}:presence-room:<${data.length} bytes, MD5 ${md5(data)}>`);
        assert.equal(second.to_sign, `${client.socketId}::user::<${user.length} bytes, MD5 ${md5(user)}>`);
        assert.doesNotMatch(daemon.log, /c0nfidential/);
        client.socket.destroy();
    });

    test('says_why_something_is_refused_and_a_connection_closed', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('why');
        client.whisper('elsewhere', `client-${'a'.repeat(300)}`, 1);
        client.send('pusher:subscribe', { data: { channel: 'not allowed' } });
        client.send('pusher:signin', { data: {} });
        for (let i = 0; i < 25; i += 1) client.sendText('nonsense');
        const own = () => lines(daemon).filter((line) => line.socket_id === client.socketId);
        await eventually(() => own().some((line) => line.message === 'connection closed'), 'closed');
        const of = (message) => own().filter((line) => line.message === message);
        assert.equal(of('subscribed')[0].channel, 'why');
        assert.equal(of('client event refused')[0].reason, 'name_length');
        assert.equal(of('client event refused')[0].channel, 'elsewhere');
        assert.equal(of('subscription refused')[0].reason, 'channel_name');
        assert.equal(of('sign-in refused')[0].reason, 'malformed');
        assert.equal(of('message refused')[0].reason, 'malformed');
        assert.deepEqual(of('connection closed').map((line) => line.reason), ['malformed_messages']);
    });
});

describe('a log on a terminal', () => {
    useClients();

    test('speaks_as_reverb_does', async () => {
        const daemon = new Daemon({ server: { log_format: 'auto', debug: true } });
        await daemon.start(); // for its configuration
        await daemon.stop();
        const inTerminal = spawn('script', ['-qec', `${BINARY} start --config ${daemon.file}`, '/dev/null'], {
            env: cleanEnvironment(),
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        let log = '';
        inTerminal.stdout.setEncoding('utf8').on('data', (text) => (log += text));
        const ended = new Promise((resolve) => inTerminal.once('close', resolve));
        try {
            await eventually(() => log.includes('listening'), 'start');
            const { client, socketId } = await converse(daemon);
            client.disconnect();
            const line = (message) => new RegExp(`${message} \\.+ ${socketId.replace('.', '\\.')} `);
            await eventually(() => line('Connection Closed').test(log), 'closed');
            assert.match(log, line('Connection Established'));
            assert.match(log, line('Message Received'));
            assert.match(log, /Broadcasting To \.+ room /);
        } finally {
            await command(daemon, 'drain');
            await ended;
            daemon.remove();
        }
    });
});
