// The shapes that cross the wire, and those that the panels show. Types only: no code.

/**
 * @typedef {object} Order
 * @property {string} id  a UUID
 * @property {string} customerName
 * @property {string} item
 * @property {number} quantity
 * @property {number} price  of one
 * @property {string} status  created, updated, deleted, or the client's own word
 * @property {string} createdAt  UTC with milliseconds
 */

/**
 * What the order form and the inline editor send: numbers where the text is one, the text itself where it is not
 * (the server says what is wrong with it), and nothing where the field is empty.
 * @typedef {{customerName?: string, item?: string, quantity?: number | string, price?: number | string,
 *   status?: string}} OrderDraft
 */

/**
 * One server-sent event of `GET /events`: what its `data:` holds.
 * @typedef {{type: 'order' | 'audit' | 'dlq', data: any, timestamp: string}} Envelope
 */

/**
 * How the notification of an order went, by the last `audit` record about it.
 * @typedef {object} Outcome
 * @property {'notified' | 'retry' | 'dead' | 'dropped'} word
 * @property {number} retryCount
 * @property {number} at  ms since the epoch
 */

/**
 * An order as the list shows it. A change makes a new row, so that rows can be compared by identity.
 * @typedef {object} Row
 * @property {Order} order
 * @property {number} at  ms of its last event; 0: from the list, no event seen
 * @property {number} goneAt  ms when this page saw it deleted; 0: it is there
 * @property {Outcome | undefined} outcome
 */

/**
 * One line of a panel.
 * @typedef {object} Entry
 * @property {number} key  grows with every entry of the page
 * @property {number} at  ms of the record
 * @property {string} orderId
 * @property {string} who  "Ana Ribeiro: Ramen Shoyu", empty if this page never saw the order
 * @property {string} source  "order-service", ...
 * @property {string} action  "NOTIFIED", "created", ...
 * @property {string} detail  instance, reason
 * @property {number} retryCount
 * @property {number} tookMs  from the order's event to this one; -1: unknown
 */

/**
 * @typedef {object} Alert
 * @property {number} key
 * @property {number} at
 * @property {string} orderId
 * @property {string} customerName
 * @property {string} type  VELOCITY, BURST, AMOUNT
 * @property {string} severity  HIGH, MEDIUM, LOW
 * @property {string} reason
 * @property {number} customerOrders  in the window; -1: unknown
 */

/**
 * An instance of a module, as GET /api/modules tells.
 * @typedef {{instance: string, kind: string, state: string, ready: boolean}} Instance
 */

/**
 * The figures of the top bar. `undefined`: not known yet.
 * @typedef {{ordersPerMinute?: number, meanMs?: number, p99Ms?: number, successRate?: number}} Figures
 */

/**
 * What stands between this page and the stream.
 * @typedef {{kind: 'connecting' | 'live' | 'catching-up' | 'resumed' | 'rejoined' | 'new-log' | 'gap'}
 *   | {kind: 'lost', retryAt: number}} ConnectionState
 */

export {};
