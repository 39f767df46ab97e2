// SPDX-License-Identifier: MIT
// The demo page: asks the server which app to use and opens two clients side by side.

import { Pane } from './pane.js';
import { SentTimes } from './sent_times.js';

const default_names = ['Ada', 'Lin'];

/** The users of the two panes: `?names=Grace,Alan` or the defaults. */
function names_from(query) {
    const wanted = (new URLSearchParams(query).get('names') ?? '').split(',');
    return default_names.map((name, i) => wanted[i]?.trim().slice(0, 40) || name);
}

function show_banner(text) {
    const banner = document.querySelector('#banner');
    banner.textContent = text;
    banner.hidden = false;
}

/** The .env lines for this very server, and the button that copies them. */
function fill_env_lines() {
    const lines = document.querySelector('#env-lines');
    const is_tls = location.protocol === 'https:';
    lines.textContent = [
        'BROADCAST_CONNECTION=reverb',
        `REVERB_HOST=${location.hostname}`,
        `REVERB_PORT=${location.port || (is_tls ? 443 : 80)}`,
        `REVERB_SCHEME=${is_tls ? 'https' : 'http'}`,
    ].join('\n');

    const copy = document.querySelector('#env-copy');
    copy.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(lines.textContent + '\n');
            copy.textContent = 'Copied';
        } catch {  // no permission, or not a secure context: leave the lines selected instead
            getSelection().selectAllChildren(lines);
            copy.textContent = 'Press Ctrl+C';
        }
        setTimeout(() => { copy.textContent = 'Copy'; }, 2000);
    });
}

async function load_config() {
    const answer = await fetch('config.json', { cache: 'no-store' });
    if (!answer.ok) throw new Error(`config.json answered ${answer.status}`);
    return answer.json();
}

async function main() {
    const names = names_from(location.search);
    document.querySelector('[data-name="left"]').textContent = names[0];
    document.querySelector('[data-name="right"]').textContent = names[1];
    fill_env_lines();

    let config;
    try {
        config = await load_config();
    } catch (error) {
        show_banner(`The server did not tell this page which app to use (${error.message}). `
            + 'Start it with ./dev run and reload.');
        return;
    }

    const sent = new SentTimes();
    const template = document.querySelector('#pane-template');
    const panes = document.querySelector('#panes');
    ['left', 'right'].forEach((side, i) => {
        const pane = new Pane(template, { side, user: names[i], config, sent });
        panes.append(pane.element);
        pane.connect();
    });
}

main();
