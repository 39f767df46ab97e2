// SPDX-License-Identifier: MIT
// What systemd is to the daemon: a datagram socket that hears what it says, and sockets bound for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { REPOSITORY } from './daemon.mjs';
import { DEADLINE, eventually } from './deadline.mjs';

export class NotifySocket {
    /// Every datagram in order: `{ pid, READY: '1', … }`.
    heard = [];
    #child;
    #isBound = false;

    /// `address`: a path, or `@name` for the abstract namespace.
    constructor(address) {
        this.address = address;
    }

    async start() {
        const script = path.join(REPOSITORY, 'tests/support/notify_socket.py');
        this.#child = spawn('python3', [script, this.address], { stdio: ['ignore', 'pipe', 'inherit'] });
        readline.createInterface({ input: this.#child.stdout }).on('line', (line) => {
            const said = JSON.parse(line);
            if (said) this.heard.push(said);
            this.#isBound = true;
        });
        await eventually(() => this.#isBound, `a socket at ${this.address}`);
        return this;
    }

    /// The variables with which systemd starts a service.
    environment(more = {}) {
        return { NOTIFY_SOCKET: this.address, ...more };
    }

    /// What was said of `field`, in order.
    all(field) {
        return this.heard.filter((said) => field in said).map((said) => said[field]);
    }

    /// Waits until `field` has been said `count` times; the last one.
    async says(field, count = 1, ms = DEADLINE) {
        try {
            await eventually(() => this.all(field).length >= count, `${field}, said ${count} times`, ms);
        } catch (error) {
            throw new Error(`${error.message}; heard: ${JSON.stringify(this.heard)}`);
        }
        return this.all(field).at(-1);
    }

    close() {
        this.#child.kill();
    }

    assertFrom(pid) {
        for (const said of this.heard) assert.equal(said.pid, pid);
    }
}

/// A socket that listens on a port of 127.0.0.1 and is nobody's yet.
export async function boundSocket() {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { fd: server._handle.fd, port: server.address().port, close: () => server.close() };
}
