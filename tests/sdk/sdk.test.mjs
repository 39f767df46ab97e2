// SPDX-License-Identifier: MIT
// The exchange of README.md, one test per language.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { REPOSITORY, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { closeAll } from '../support/sockets.mjs';

const exec = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const builds = path.join(REPOSITORY, 'build/sdk');
mkdirSync(builds, { recursive: true });

/// Fetching and compiling a language's SDK for the first time takes its while.
const BUILD_TIME = { timeout: 8 * 60_000 };

/// Why `program` cannot run, or false if it can: what `skip` wants.
async function absent(program, ...args) {
    try {
        await exec(program, args);
        return false;
    } catch {
        return `${program} is not installed: no SDK test for it`;
    }
}

const missing = {
    python: await absent('python3', '-m', 'venv', '--help'),
    go: await absent('go', 'version'),
    java: await absent('mvn', '--version'),
};

describe('official SDKs', () => {
    // The Python SDK takes numeric app ids only.
    const daemon = useDaemon({ apps: [testApp({ app_id: '1234' })] });

    /// Runs `program` with the exchange's arguments between subscribers; what it printed.
    async function exchange(program, args) {
        closeAll();
        const connecting = Array.from({ length: 3 }, () => PusherClient.connect(daemon));
        const [client, excluded, bob] = await Promise.all(connecting);
        await client.subscribe('sdk');
        await client.subscribe('private-sdk');
        await excluded.subscribe('sdk');
        await bob.join('presence-sdk', 'bob');

        const { app_id: id, key, secret } = daemon.app;
        const given = [daemon.host, String(daemon.port), id, key, secret, excluded.socketId];
        const { stdout } = await exec(program, args(given), BUILD_TIME);
        // Maven colours even the silence around the program's output.
        const report = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1));

        const ones = await client.take(2);
        assert.deepEqual(ones.map((got) => got.channel).sort(), ['private-sdk', 'sdk']);
        for (const got of ones) {
            assert.equal(got.event, 'one');
            assert.deepEqual(got.inner(), { text: 'é/"<>', list: [] });
        }
        await client.expect('two', (got) => /^"?to others"?$/.test(got.data));
        await excluded.expect('one');
        for (const subscriber of [client, excluded]) {
            await subscriber.expect('batch-1', (got) => /^"?1"?$/.test(got.data));
            await subscriber.expect('batch-2', (got) => got.inner().n === 2);
            await subscriber.fence(daemon.api(), 'sdk');
        }
        return report;
    }

    test('r096_python', { skip: missing.python }, async () => {
        const venv = path.join(builds, 'python');
        const python = path.join(venv, 'bin/python');
        if (!existsSync(python)) await exec('python3', ['-m', 'venv', venv], BUILD_TIME);
        const install = ['-m', 'pip', 'install', '-q', '-r', here('python/requirements.txt')];
        await exec(python, install, BUILD_TIME);
        const report = await exchange(python, (given) => [here('python/exchange.py'), ...given]);
        assert.deepEqual(report.batch, { batch: [] });
        assert.deepEqual(report.channels, { channels: { 'presence-sdk': { user_count: 1 } } });
        assert.deepEqual(report.channel, { occupied: true, subscription_count: 2 });
        assert.deepEqual(report.users, { users: [{ id: 'bob' }] });
        assert.match(report.refused, /signature/i);
    });

    test('r096_go', { skip: missing.go }, async () => {
        const binary = path.join(builds, 'go-exchange');
        await exec('go', ['build', '-o', binary, '.'], { cwd: here('go'), ...BUILD_TIME });
        const report = await exchange(binary, (given) => given);
        assert.deepEqual(report, {
            batch: 0,
            channels: 1,
            empty: 0,
            channel: { occupied: true, count: 2 },
            users: [{ id: 'bob' }],
            refused: report.refused,
        });
        assert.match(report.refused, /401|signature/i);
    });

    test('r096_java', { skip: missing.java }, async () => {
        const build = `-Dfanfare.build=${path.join(builds, 'java')}`;
        const maven = ['-q', '-B', '-f', here('java/pom.xml'), build];
        await exec('mvn', [...maven, 'compile'], BUILD_TIME);
        const report = await exchange('mvn', (given) => [
            ...maven,
            'exec:java',
            `-Dexec.args=${given.join(' ')}`,
        ]);
        assert.deepEqual(report.batch, { batch: [] });
        assert.deepEqual(report.channels, { channels: { 'presence-sdk': { user_count: 1 } } });
        assert.deepEqual(report.channel, { occupied: true, subscription_count: 2 });
        assert.deepEqual(report.users, { users: [{ id: 'bob' }] });
        assert.equal(report.refused, 'AUTHENTICATION_ERROR');
    });
});
