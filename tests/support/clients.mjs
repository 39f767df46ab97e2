// SPDX-License-Identifier: MIT
// The unmodified npm clients, pointed at a running daemon.
import { after } from 'node:test';
import Echo from 'laravel-echo';
import Pusher from 'pusher-js';
import PusherServer from 'pusher';
import { within } from './deadline.mjs';

const open = new Set();

// pusher-js and its WebSocket leave timers of half a minute behind when the server closes first; they
// may not keep the process of a finished test alive.
const startTimer = globalThis.setTimeout;
globalThis.setTimeout = (callback, ms, ...rest) => {
    const timer = startTimer(callback, ms, ...rest);
    return ms >= 10_000 ? timer.unref() : timer;
};

/// Disconnects every client after the tests of the surrounding `describe`: a pusher-js client would
/// otherwise reconnect for ever and keep the process alive.
export function useClients() {
    after(() => {
        for (const client of open) client.disconnect();
        open.clear();
    });
}

function remember(client) {
    open.add(client);
    return client;
}

const address = (daemon) => ({
    wsHost: daemon.host,
    wsPort: daemon.port,
    wssPort: daemon.port,
    forceTLS: false,
    enabledTransports: ['ws'],
});

/// A pusher-js client; `options` as for `new Pusher`.
export function pusherClient(daemon, options = {}) {
    const { key = daemon.app.key, ...rest } = options;
    return remember(new Pusher(key, { cluster: 'unused', ...address(daemon), ...rest }));
}

/// A laravel-echo client of `user`, who is authorized by the app's `auth` server.
export function echoClient(daemon, { auth, user, ...options } = {}) {
    const echo = new Echo({
        broadcaster: 'reverb',
        key: daemon.app.key,
        Pusher,
        ...address(daemon),
        ...(auth ? { authEndpoint: auth.url, auth: { headers: { 'X-User': user } } } : {}),
        ...options,
    });
    remember(echo);
    return echo;
}

/// The official server SDK for Node.
export const serverSdk = (daemon, app = daemon.app) =>
    new PusherServer({
        appId: app.app_id,
        key: app.key,
        secret: app.secret,
        host: daemon.host,
        port: String(daemon.port),
        useTLS: false,
    });

/// Resolves with the next value given to a callback that `bind` registers.
export const occurrence = (what, bind, ms) => within(new Promise(bind), what, ms);

/// The next `event` on a pusher-js channel or connection.
export const nextEvent = (target, event, ms) =>
    occurrence(event, (resolve) => target.bind(event, resolve), ms);

/// Waits for a state of a pusher-js client.
export async function reachesState(pusher, state, ms) {
    if (pusher.connection.state !== state) await nextEvent(pusher.connection, state, ms);
    return pusher;
}

/// Resolves when a laravel-echo channel is subscribed.
export const subscribed = (channel) =>
    occurrence(`subscription of ${channel.name}`, (resolve) => channel.subscribed(() => resolve(channel)));

/// Everything a callback was called with, to be awaited one by one.
export class Calls {
    #values = [];
    #wake = () => {};
    record = (value) => {
        this.#values.push(value);
        this.#wake();
    };

    next(what = 'a call', ms) {
        const wait = async () => {
            while (this.#values.length === 0) await new Promise((resolve) => (this.#wake = resolve));
            return this.#values.shift();
        };
        return within(wait(), what, ms);
    }

    /// Calls nobody has taken.
    get pending() {
        return this.#values.length;
    }
}
