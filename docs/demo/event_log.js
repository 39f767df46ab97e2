// SPDX-License-Identifier: MIT

const max_entries = 200;

const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
});

function element(tag, class_name, text) {
    const node = document.createElement(tag);
    node.className = class_name;
    node.textContent = text;
    return node;
}

/** What a client received, newest first: time, channel, event name, payload. */
export class EventLog {
    constructor(list) {
        this.list = list;
        this.count = 0;
        this.clear();
    }

    /**
     * `kind`: broadcast, whisper, member, connection or error. Without `channel` it is a remark about
     * the connection. `note` stands at the right: the delivery time, or who whispered.
     */
    add({ kind, channel, channel_type, event, payload, note }) {
        this.list.querySelector('.empty')?.remove();
        this.count += 1;

        const entry = element('li', 'entry', '');
        Object.assign(entry.dataset, { testid: 'log-entry', kind, event, channel: channel ?? '' });

        const line = element('p', 'entry-line', '');
        line.append(element('time', 'entry-time', clock.format(new Date())));
        if (channel) line.append(element('span', `tag ${channel_type}`, channel));
        line.append(element('span', 'entry-event', event));
        if (note) line.append(element('span', 'entry-note', note));
        entry.append(line);
        if (payload !== undefined) {
            const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
            entry.append(element('code', 'entry-payload', text));
        }

        this.list.prepend(entry);
        while (this.list.children.length > max_entries) this.list.lastElementChild.remove();
    }

    clear() {
        this.list.replaceChildren(element('li', 'empty', 'Nothing yet. Broadcast something.'));
    }
}
