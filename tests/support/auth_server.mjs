// SPDX-License-Identifier: MIT
// What Laravel does at /broadcasting/auth, with the official server SDK: the app that a test plays.
import http from 'node:http';
import { after, before } from 'node:test';
import { serverSdk } from './clients.mjs';

async function readForm(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/// An auth server for the tests of the surrounding `describe`. The user is whom the header X-User names;
/// without it the answer is 403. `forge` may change the answer.
export function useAuthServer(daemon) {
    const auth = { url: undefined, forge: (answer) => answer, requests: 0 };
    const authorize = (socketId, channel, user) => {
        const member = { user_id: user, user_info: { id: user, name: `Name of ${user}` } };
        const isPresence = channel.startsWith('presence-');
        return serverSdk(daemon).authorizeChannel(socketId, channel, isPresence ? member : undefined);
    };
    const server = http.createServer(async (request, response) => {
        auth.requests += 1;
        const form = await readForm(request);
        const user = request.headers['x-user'];
        if (!user) return response.writeHead(403).end('{"message":"Forbidden"}');
        const answer = authorize(form.get('socket_id'), form.get('channel_name'), user);
        response.writeHead(200, { 'Content-Type': 'application/json' });
        return response.end(JSON.stringify(auth.forge(answer)));
    });
    before(
        () =>
            new Promise((resolve) => {
                server.listen(0, '127.0.0.1', () => {
                    auth.url = `http://127.0.0.1:${server.address().port}/broadcasting/auth`;
                    resolve();
                });
            }),
    );
    after(() => {
        server.closeAllConnections();
        server.close();
    });
    return auth;
}
