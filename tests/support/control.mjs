// SPDX-License-Identifier: MIT
// `fanfare …` commands that talk to a running server.
import assert from 'node:assert/strict';
import os from 'node:os';
import { cleanEnvironment, Process } from './daemon.mjs';
import { eventually } from './deadline.mjs';

const start = (daemon, command, args) =>
    new Process([command, '--config', daemon.file, ...args], {
        cwd: os.tmpdir(),
        env: cleanEnvironment(),
    });

/// Runs one to its end: its exit and what it has written.
export async function command(daemon, name, ...args) {
    const process = start(daemon, name, args);
    const exit = await process.ended();
    process.assertClean();
    return { ...exit, stdout: process.stdout, stderr: process.stderr };
}

/// The result of one that has to succeed, as scripts see it.
export async function ask(daemon, name, ...args) {
    const { code, stdout, stderr } = await command(daemon, name, '--json', ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
}

/// Upgrades a server, and waits until it can be asked again: the new process opens the control
/// socket a moment after the old one has answered.
export async function upgrade(daemon) {
    await ask(daemon, 'upgrade');
    await eventually(() => ask(daemon, 'status'), 'the new process can be asked');
}

/// A trace that goes on until `stop`. Its events so far are in `events`.
export function trace(daemon, ...args) {
    const process = start(daemon, 'trace', ['--json', ...args]);
    return {
        get events() {
            return process.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
        },
        async stop() {
            process.signal('SIGINT');
            await process.ended();
        },
    };
}
