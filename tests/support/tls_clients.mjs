// SPDX-License-Identifier: MIT
// pusher-js subscribes over wss and the pusher SDK publishes over https, to the port of the argument. The
// certificate is trusted by NODE_EXTRA_CA_CERTS.
import Pusher from 'pusher-js';
import PusherServer from 'pusher';

const port = Number(process.argv[2]);
const client = new Pusher('app-key', {
    cluster: 'unused',
    wsHost: '127.0.0.1',
    wssPort: port,
    forceTLS: true,
    enabledTransports: ['ws', 'wss'],
});
const sdk = new PusherServer({
    appId: 'app',
    key: 'app-key',
    secret: 'app-secret',
    host: '127.0.0.1',
    port: String(port),
    useTLS: true,
});
const channel = client.subscribe('c');
channel.bind('pusher:subscription_succeeded', () => sdk.trigger('c', 'news', { over: 'tls' }));
channel.bind('news', (data) => {
    console.log(`received ${JSON.stringify(data)}`);
    process.exit(0);
});
