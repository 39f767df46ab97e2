// SPDX-License-Identifier: MIT
// Starts the real daemon in demo mode on a free port.

import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

const start_deadline_ms = 15_000;
const stop_deadline_ms = 15_000;

function free_port() {
    return new Promise((done, failed) => {
        const probe = createServer();
        probe.once('error', failed);
        probe.listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => done(port));
        });
    });
}

/**
 * Runs `fanfare start --demo docs/demo` and waits until `/up` answers. The binary is $FANFARE_BIN, by
 * default build/release/fanfare. It runs in an empty folder and without REVERB_… or FANFARE_… variables,
 * so that no .env of the developer takes part. Returns {url, stop()}.
 */
export async function start_demo_server() {
    const binary = resolve(repository, process.env.FANFARE_BIN ?? 'build/release/fanfare');
    await access(binary).catch(() => {
        throw new Error(`no server at ${binary}: build it, or set FANFARE_BIN`);
    });

    const folder = await mkdtemp(join(tmpdir(), 'fanfare-demo-'));
    const port = await free_port();
    const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(REVERB|FANFARE)_/.test(name)));
    const daemon = spawn(
        binary,
        ['start', '--demo', join(repository, 'docs/demo'), '--host', '127.0.0.1', '--port', String(port)],
        { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });

    let output = '';
    daemon.stdout.on('data', (text) => { output += text; });
    daemon.stderr.on('data', (text) => { output += text; });
    let is_running = true;
    const ended = new Promise((done) => {
        daemon.once('exit', done);
        daemon.once('error', (error) => { output += error.message; done(); });
    }).then(() => { is_running = false; });

    async function stop() {
        daemon.kill('SIGTERM');
        const limit = new AbortController();
        await Promise.race([
            ended,
            delay(stop_deadline_ms, undefined, { signal: limit.signal })
                .then(() => daemon.kill('SIGKILL'), () => {}),
        ]);
        limit.abort();
        await ended;
        await rm(folder, { recursive: true, force: true });
    }

    const url = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + start_deadline_ms;
    while (!await fetch(`${url}/up`).then((answer) => answer.ok, () => false)) {
        if (!is_running || Date.now() > deadline) {
            await stop();
            throw new Error(`the server did not become ready at ${url}:\n${output}`);
        }
        await delay(50);
    }
    return { url, stop };
}
