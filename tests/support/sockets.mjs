// SPDX-License-Identifier: MIT
// Every socket a test opens is closed when its server stops, so that a failed test cannot hang the run.
import net from 'node:net';
import tls from 'node:tls';

const open = new Set();
const carriers = new WeakMap(); // the TCP sockets under those with TLS

export function track(socket) {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    return socket;
}

/// A connection to a server, which has `authority` (certificates in PEM) if it speaks TLS. `ready` is
/// called once it may be used; what is written before waits.
export function connectTo({ host, port, localAddress, authority, ...options }, ready = () => {}) {
    const all = { host, port, localAddress, noDelay: true, allowHalfOpen: true };
    if (authority === undefined) return track(net.connect(all, ready));
    const tcp = track(net.connect(all));
    const socket = tls.connect({ socket: tcp, host, ca: authority, ...options }, ready);
    carriers.set(socket, tcp);
    return track(socket);
}

/// Ends a connection with RST.
export function reset(socket) {
    (carriers.get(socket) ?? socket).resetAndDestroy();
}

export function closeAll() {
    for (const socket of open) socket.destroy();
}
