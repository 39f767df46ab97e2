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

export class Redis {
    host = '127.0.0.1';
    #child;

    /// `args` are further options of redis-server; `cli` those that redis-cli needs to talk to it.
    constructor({ args = [], cli = [], sentinel = false } = {}) {
        this.args = args;
        this.cliArgs = cli;
        this.isSentinel = sentinel;
        this.directory = mkdtempSync(path.join(os.tmpdir(), 'fanfare-redis-'));
    }

    /// Again after `stop`: a new, empty one on the same port.
    async start() {
        this.port ??= await freePort();
        const options = ['--port', this.port, '--bind', this.host, '--dir', this.directory];
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

    /// `SIGSTOP`, `SIGCONT`, …
    signal(name) {
        this.#child.kill(name);
    }

    async kill() {
        this.signal('SIGKILL');
        await this.exit;
    }

    async stop() {
        if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
            await this.kill();
        }
    }

    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}
