// SPDX-License-Identifier: MIT

/**
 * When each broadcast of this page was sent, by the id inside its payload. Both panes share one clock
 * (the page's), so sent → received is a true one-way figure. Events of other pages are unknown here.
 */
export class SentTimes {
    #times = new Map();

    constructor(capacity = 100) {
        this.capacity = capacity;
    }

    /** Notes a broadcast that is about to be sent and returns its id. */
    start() {
        const id = Math.random().toString(36).slice(2, 8);
        this.#times.set(id, performance.now());
        if (this.#times.size > this.capacity) this.#times.delete(this.#times.keys().next().value);
        return id;
    }

    /** Milliseconds since the broadcast `id` was sent, or undefined for somebody else's. */
    elapsed(id) {
        const sent = this.#times.get(id);
        return sent === undefined ? undefined : performance.now() - sent;
    }
}
