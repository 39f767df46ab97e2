// SPDX-License-Identifier: MIT
// A real redis-server of the test's own.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './daemon.mjs';
import { eventually } from './deadline.mjs';

const run = promisify(execFile);

const CONTENTS = `
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
    all[#all + 1] = key
    local type = redis.call('TYPE', key)['ok']
    local values = type == 'hash' and redis.call('HGETALL', key)
        or type == 'set' and redis.call('SMEMBERS', key)
        or type == 'zset' and redis.call('ZRANGE', key, 0, -1)
        or {}
    for _, value in ipairs(values) do all[#all + 1] = value end
end
return all`;

/// The ids of the nodes of which Redis holds anything, in keys, fields and values.
export async function idsInRedis(redis) {
    const ids = (await redis.contents()).matchAll(/\b[0-9a-f]{16}\.\d+\b/g);
    return [...new Set([...ids].map(([id]) => id))].sort();
}

/// The ids of the nodes that hold a lease.
export async function leasesIn(redis) {
    return (await redis.lines('ZRANGE', 'fanfare:reverb:{nodes}:leases', '0', '-1')).sort();
}

export class Redis {
    host = '127.0.0.1';
    #child;

    /// `args` are further options of redis-server; `cli` those that redis-cli needs to talk to it.
    constructor({ args = [], cli = [], sentinel = false, tls = false } = {}) {
        this.args = args;
        this.cliArgs = cli;
        this.isSentinel = sentinel;
        this.isTls = tls;
        this.directory = mkdtempSync(path.join(os.tmpdir(), 'fanfare-redis-'));
    }

    /// Again after `stop`: a new, empty one on the same port.
    async start() {
        this.port ??= await freePort();
        const port = this.isTls ? ['--port', 0, '--tls-port', this.port] : ['--port', this.port];
        const options = [...port, '--bind', this.host, '--dir', this.directory];
        const memory = this.isSentinel ? ['--sentinel'] : ['--save', '', '--appendonly', 'no'];
        this.#child = spawn('redis-server', [...this.args, ...options, ...memory].map(String), {
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.exit = new Promise((resolve) => this.#child.once('close', resolve));
        this.log = '';
        for (const stream of [this.#child.stdout, this.#child.stderr]) {
            stream.setEncoding('utf8').on('data', (text) => (this.log += text));
        }
        await eventually(
            async () => (await this.command('PING')) === 'PONG',
            `redis on ${this.port}\n${this.log}`,
        );
        return this;
    }

    /// Where it is, as a node's `scaling.server` says it.
    get settings() {
        return { host: this.host, port: this.port };
    }

    /// What redis-cli prints.
    async command(...words) {
        const address = this.cliArgs.includes('-s') ? [] : ['-h', this.host, '-p', this.port];
        const { stdout } = await run(
            'redis-cli',
            [...address, ...this.cliArgs, ...words].map(String),
            { encoding: 'utf8' },
        );
        return stdout.trimEnd();
    }

    async lines(...words) {
        const text = await this.command(...words);
        return text === '' ? [] : text.split('\n');
    }

    keys(pattern = '*') {
        return this.lines('KEYS', pattern);
    }

    /// Its keys and what they hold, but for the values of strings.
    contents() {
        return this.command('EVAL', CONTENTS, '0');
    }

    get isRunning() {
        return this.#child && this.#child.exitCode === null && this.#child.signalCode === null;
    }

    /// `SIGSTOP`, `SIGCONT`, …
    signal(name) {
        this.#child.kill(name);
    }

    async kill() {
        this.signal('SIGKILL');
        await this.exit;
    }

    async stop() {
        if (this.isRunning) await this.kill();
    }

    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/// `check` with the settings of `redis` while it runs.
export async function withRedis(redis, check) {
    try {
        await redis.start();
        await check(redis.settings);
    } finally {
        await redis.stop();
        redis.remove();
    }
}
