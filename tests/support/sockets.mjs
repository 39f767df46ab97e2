// SPDX-License-Identifier: MIT
// Every socket a test opens is closed when its server stops, so that a failed test cannot hang the run.

const open = new Set();

export function track(socket) {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    return socket;
}

export function closeAll() {
    for (const socket of open) socket.destroy();
}
