// SPDX-License-Identifier: MIT
// The command line as an operator and a Laravel user meet it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BINARY, cleanEnvironment, freePort, Process, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { SelfSigned } from '../support/self_signed.mjs';

const laravelEnv = (port) => `
APP_NAME="My App"
APP_URL=http://localhost
BROADCAST_CONNECTION=reverb

REVERB_APP_ID=laravel
REVERB_APP_KEY=laravel-key
REVERB_APP_SECRET='laravel-secret'
REVERB_HOST="localhost"
REVERB_PORT=443
REVERB_SCHEME=https
REVERB_SERVER_HOST=127.0.0.1
REVERB_SERVER_PORT=${port} # where it listens

VITE_REVERB_APP_KEY="\${REVERB_APP_KEY}"
`;
const laravelApp = { app_id: 'laravel', key: 'laravel-key', secret: 'laravel-secret' };

describe(`command line of ${path.basename(BINARY)}`, () => {
    const directories = [];
    after(() => {
        for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    });

    /// A directory with these files, and a way to run the binary in it.
    function place(files = {}) {
        const directory = mkdtempSync(path.join(os.tmpdir(), 'fanfare-cli-'));
        directories.push(directory);
        for (const [name, content] of Object.entries(files)) {
            const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
            writeFileSync(path.join(directory, name), text);
        }
        const run = (args, env = {}) => new Process(args, { cwd: directory, env: cleanEnvironment(env) });
        return { run, directory };
    }

    /// Runs to the end: exit code and output.
    async function finish(process) {
        const { code } = await process.ended();
        process.assertClean();
        return { code, stdout: process.stdout, stderr: process.stderr.trim() };
    }

    /// Starts, waits for /up, runs `check`, and expects SIGTERM to end it with 0.
    async function serves({ run, port, args, env }, check = async () => {}) {
        const process = run(args, env);
        const server = { host: '127.0.0.1', port };
        try {
            await eventually(
                async () => !process.isRunning || (await fetchRaw(server, { target: '/up' })).status === 200,
                `/up\n${process.output}`,
            );
            assert.ok(process.isRunning, process.output);
            await check(server);
        } finally {
            process.signal('SIGTERM');
        }
        assert.deepEqual(await process.ended(), { code: 0, signal: null });
        process.assertClean();
    }

    const fileWith = (server, app) => ({ server: { host: '127.0.0.1', ...server }, apps: [testApp(app)] });

    test('no_app_is_one_line_and_exit_2', async () => {
        for (const command of ['start', 'reverb:start']) {
            const { code, stderr } = await finish(place().run([command]));
            assert.equal(code, 2, stderr);
            assert.equal(stderr.split('\n').length, 1, stderr);
            assert.match(stderr, /REVERB_APP_(ID|KEY)/);
        }
    });

    test('check_refuses_what_start_refuses', async () => {
        const { code, stdout, stderr } = await finish(place().run(['check']));
        assert.match(stdout + stderr, /no app is configured/);
        assert.equal(code, 2);
    });

    test('a_wrong_value_is_one_line_naming_file_and_key_and_exit_2', async () => {
        for (const [content, key] of [
            [fileWith({ port: 'http' }), /server\.port/],
            [fileWith({ port: 70000 }), /server\.port/],
            [fileWith({ max_request_size: -1 }), /server\.max_request_size/],
            [fileWith({}, { ping_interval: 'often' }), /ping_interval/],
            [fileWith({}, { accept_client_events_from: 'everybody' }), /accept_client_events_from/],
            [fileWith({}, { allowed_origins: 'x' }), /allowed_origins/],
            [fileWith({}, { activity_timeout: 0 }), /activity_timeout/],
            [fileWith({}, { secret: '' }), /secret/],
            [fileWith({ unknown_setting: 1 }), /unknown_setting/],
            [{ apps: 'none' }, /apps/],
        ]) {
            const { run } = place({ 'fanfare.json': content });
            for (const command of ['start', 'check']) {
                const { code, stderr } = await finish(run([command, '--config', 'fanfare.json']));
                assert.equal(code, 2, `${JSON.stringify(content)}\n${stderr}`);
                assert.equal(stderr.split('\n').length, 1, stderr);
                assert.match(stderr, /fanfare\.json/);
                assert.match(stderr, key);
            }
        }
    });

    test('a_broken_or_missing_file_is_one_line_and_exit_2', async () => {
        const { run } = place({ 'broken.json': '{"server": ' });
        for (const file of ['broken.json', 'missing.json']) {
            const { code, stderr } = await finish(run(['start', '--config', file]));
            assert.equal(code, 2, stderr);
            assert.equal(stderr.split('\n').length, 1, stderr);
            assert.ok(stderr.includes(file), stderr);
        }
        const { code, stderr } = await finish(run(['start', '--env-file', 'missing.env']));
        assert.equal(code, 2);
        assert.match(stderr, /missing\.env/);
    });

    test('health_says_whether_the_server_of_the_configuration_is_up', async () => {
        const port = await freePort();
        const certificate = new SelfSigned();
        directories.push(certificate.folder);
        const tls = {
            tls_certificate_file: certificate.file,
            tls_key_file: certificate.keyFile,
        };
        for (const server of [
            { path: 'ws', host: '0.0.0.0', port },
            { port, proxy_protocol: true, trusted_proxies: ['127.0.0.0/8'] },
            { port, proxy_protocol: true, trusted_proxies: ['10.0.0.1'] },
            { port, proxy_protocol: true, trusted_proxies: ['127.0.0.1'], ...tls },
            { port, tls_client_ca_file: certificate.file, ...tls },
        ]) {
            const { run } = place({ 'fanfare.json': { server, apps: [testApp()] } });
            const health = () => finish(run(['health', '--config', 'fanfare.json']));
            const { code, stderr } = await health();
            assert.equal(code, 1);
            assert.equal(stderr, `fanfare: no answer from 127.0.0.1:${port}: Connection refused`);
            const process = run(['start', '--config', 'fanfare.json']);
            try {
                await eventually(async () => (await health()).code === 0, `health\n${process.output}`);
            } finally {
                process.signal('SIGTERM');
            }
            assert.deepEqual(await process.ended(), { code: 0, signal: null });
        }
    });

    test('unknown_commands_and_flags_are_refused', async () => {
        for (const args of [['serve'], ['start', '--prot', '1'], []]) {
            const { code } = await finish(place().run(args));
            assert.notEqual(code, 0, args.join(' '));
        }
        assert.equal((await finish(place().run(['--version']))).code, 0);
        assert.equal((await finish(place().run(['--help']))).code, 0);
    });

    test('check_prints_what_is_in_force_and_no_secret', async () => {
        const { run } = place({ 'fanfare.json': fileWith({ port: 6001 }, { ping_interval: 17 }) });
        const args = ['check', '--config', 'fanfare.json'];
        const { code, stdout } = await finish(run(args, { REVERB_SERVER_PATH: 'ws' }));
        assert.equal(code, 0);
        assert.match(stdout, /server\.port\s+6001\s+.*fanfare\.json/);
        assert.match(stdout, /ping_interval\s+17\s/);
        assert.match(stdout, /server\.path\s+\/ws\s+.*REVERB_SERVER_PATH/);
        assert.doesNotMatch(stdout, /app-secret/);
    });

    test('a_laravel_env_file_is_enough', async () => {
        const port = await freePort();
        const { run } = place({ 'laravel.env': laravelEnv(port) });
        const args = ['start', '--env-file', 'laravel.env'];
        await serves({ run, port, args }, async (server) => {
            const client = await PusherClient.connect(server, { app: laravelApp });
            await client.subscribe('private-orders');
            await client.close();
        });
    });

    test('dot_env_of_the_working_directory_and_reverb_start_with_its_flags', async () => {
        const port = await freePort();
        const { run } = place({ '.env': laravelEnv(1) });
        const args = ['reverb:start', '--host', '127.0.0.1', '--port', String(port), '--hostname', 'x.test', '--debug'];
        await serves({ run, port, args }, async (server) => {
            await (await PusherClient.connect(server, { app: laravelApp })).close();
        });
    });

    test('flags_win_over_environment_over_file', async () => {
        const [flagged, environment, filed] = [await freePort(), await freePort(), await freePort()];
        const { run } = place({ 'fanfare.json': fileWith({ port: filed }) });
        const args = ['start', '--config', 'fanfare.json'];
        const env = { REVERB_SERVER_PORT: String(environment) };
        await serves({ run, port: filed, args });
        await serves({ run, port: environment, args, env });
        await serves({ run, port: flagged, args: [...args, '--port', String(flagged)], env });
    });

    test('a_port_in_use_is_one_line_and_not_exit_0', async () => {
        const port = await freePort();
        const { run } = place({ 'fanfare.json': fileWith({ port }) });
        const args = ['start', '--config', 'fanfare.json'];
        await serves({ run, port, args }, async () => {
            const second = run(args);
            const { code } = await second.ended();
            assert.notEqual(code, 0);
            assert.match(second.output, new RegExp(String(port)));
        });
    });

    test('sigint_ends_it_with_0_too', async () => {
        const port = await freePort();
        const { run } = place({ 'fanfare.json': fileWith({ port }) });
        const process = run(['start', '--config', 'fanfare.json']);
        await eventually(async () => (await fetchRaw({ host: '127.0.0.1', port }, { target: '/up' })).status === 200, '/up');
        process.signal('SIGINT');
        assert.deepEqual(await process.ended(), { code: 0, signal: null });
    });
});
