// SPDX-License-Identifier: MIT
import net from 'node:net';

/// Node loses a socket that is reset while its FIN waits, and does not come to an end then.
function reset(socket) {
    if (socket.writableEnded) socket.destroy();
    else socket.resetAndDestroy();
}

/// A TCP proxy that gives each new connection to the next of its targets that takes it. It can be cut:
/// then nothing gets through, and nobody hears that it does not.
export class Balancer {
    #next = 0;
    #pairs = new Set();
    #server;
    isCut = false;

    /// `targets`: ports on 127.0.0.1.
    constructor(targets) {
        this.targets = targets;
    }

    async listen(port = 0) {
        this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#join(client));
        await new Promise((resolve, reject) => {
            this.#server.once('error', reject);
            this.#server.listen(port, '127.0.0.1', resolve);
        });
        this.port = this.#server.address().port;
        return this;
    }

    #join(client, refusals = 0) {
        const port = this.targets[this.#next++ % this.targets.length];
        const server = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
        const pair = { client, server, isConnected: false };
        this.#pairs.add(pair);
        const give = () => {
            this.#pairs.delete(pair);
            client.off('error', giveUp);
            if (client.destroyed || refusals + 1 === this.targets.length) reset(client);
            else this.#join(client, refusals + 1);
        };
        const giveUp = () => server.destroy();
        client.on('error', giveUp);
        server.once('error', give);
        server.once('connect', () => {
            client.off('error', giveUp);
            server.off('error', give);
            pair.isConnected = true;
            this.#connect(pair);
        });
    }

    #connect(pair) {
        const { client, server } = pair;
        for (const [from, to] of [
            [client, server],
            [server, client],
        ]) {
            from.setNoDelay(true);
            if (!this.isCut) from.pipe(to);
            from.on('error', () => reset(to));
            from.on('close', () => {
                this.#pairs.delete(pair);
                if (!from.readableEnded) reset(to);
            });
        }
        if (client.destroyed) reset(server);
    }

    #hold({ client, server }) {
        client.unpipe(server);
        server.unpipe(client);
        client.pause();
        server.pause();
    }

    /// Nothing passes any more, in silence.
    cut() {
        this.isCut = true;
        for (const pair of this.#pairs) this.#hold(pair);
    }

    /// Lets everything pass again. What was on its way arrives late.
    heal() {
        this.isCut = false;
        for (const { client, server, isConnected } of this.#pairs) {
            if (!isConnected) continue;
            client.pipe(server);
            server.pipe(client);
        }
    }

    async close() {
        for (const { client, server } of this.#pairs) {
            client.destroy();
            server.destroy();
        }
        await new Promise((resolve) => this.#server.close(resolve));
    }
}
