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
 * @property {number} offset  of the record; -1: unknown
 * @property {string} orderId
 * @property {string} customer  empty if this page never saw the order
 * @property {string} item  likewise
 * @property {string} who  the text of a record that could not be read, as far as a line shows it
 * @property {string} source  "order-service", ...
 * @property {string} action  "NOTIFIED", "created", ...
 * @property {string} detail  instance, reason
 * @property {number} retryCount
 * @property {number} tookMs  from the order's event to this one; -1: unknown
 */

/**
 * A fraud alert that goes on, or went on, for one type and customer.
 * @typedef {object} Alert
 * @property {number} key
 * @property {number} since  ms of its first record
 * @property {number} at  ms of its last record
 * @property {string} orderId  of its last record
 * @property {string} customerName  empty for BURST, which is about all
 * @property {string} type  VELOCITY, BURST, AMOUNT
 * @property {string} severity  HIGH, MEDIUM, LOW
 * @property {string} reason
 * @property {number} measured  orders in the window, or the order's total; -1: unknown
 * @property {number} records
 * @property {boolean} blocked  the order of its last record was refused
 */

/**
 * An instance of a module, as /events/system tells.
 * @typedef {{instance: string, kind: string, state: string, ready: boolean, since?: string, sessionTimeoutMs?: number,
 *   error?: string, settings?: Record<string, any>, report?: Record<string, any>}} Instance
 */

/**
 * A member of a consumer group.
 * @typedef {{memberId: string, clientId: string, assignment: {topic: string, partition: number}[]}} Member
 */

/**
 * @typedef {{group: string, state: string, lag: number, members: Member[],
 *   partitions: {topic: string, partition: number, committedOffset: number | null, endOffset: number, lag: number,
 *   removedBeforeRead?: number}[]}} Group
 */

/**
 * @typedef {{name: string, cleanupPolicy: string, records: number,
 *   partitions: {partition: number, startOffset: number, endOffset: number, records: number}[]}} Topic
 */

/**
 * The load generator of the server.
 * @typedef {{rate: number, scenario: string, seed: number}} LoadRequest
 * @typedef {{running: boolean, rate?: number, scenario?: string, seed?: number, startedAt?: string, endsAt?: string,
 *   sent?: number, accepted?: number, refused?: number, notSent?: number, inFlight?: number}} Load
 */

/**
 * What became of all that was accepted, by the rules of `foodorder verify`.
 * @typedef {{accepted: number, notified: number, gaveUp: number, dropped: number, waiting: number,
 *   waitingByPartition: number[], lost: number, lostAt: string[], doneTwice: number, uncounted: number}} Ledger
 */

/**
 * A job of the queue, as `GET /api/jobs` shows it.
 * @typedef {{id: number, orderId: string, state: 'ready' | 'leased' | 'dead', retryCount: number, deliveries: number, runAt: string,
 *   worker?: string, reason?: string, leasedUntil?: string}} Job
 */

/** What only one architecture has stands beside its name. @typedef {{name: string}} Architecture */

/**
 * Without rows while the database does not answer; some jobs of each state.
 * @typedef {Architecture & {file: string, durability: string, fraudQuery: string, walBytes?: number,
 *   transactions?: {commits: number, writes: number, refused: number, waiting: number, writeSeconds: number, commitSeconds: number},
 *   rows?: Record<string, number>, blocked?: number, ready?: number, leased?: number, jobs?: Job[]}} Monolith
 */

/**
 * What is made to go wrong on an arrow.
 * @typedef {{refuse: boolean, delayMs: number, failRate: number}} Fault
 */

/**
 * The calls of one service to another, as `GET /api/calls` shows them.
 * @typedef {{arrow: string, from: string, to: string, path: string, calls: number, tries: number, errors: number, retries: number,
 *   retriesRefused: number, refused: number, refusedBy: {breaker: number, bulkhead: number, deadline: number}, gaps: number, inFlight: number,
 *   p50Ms: number | null, p99Ms: number | null, breaker: 'closed' | 'open' | 'half-open', breakerOpenings: number, probesAt?: string,
 *   probesPassed?: number, lastError?: string, untold?: number, fault: Fault, bounds: {callMs: number, tryMs: number, tries: number, probes: number},
 *   url?: string, trouble?: string, heardAt?: string}} Arrow  `url`: of the process that counts them, where it is another one; `trouble`: why it is not
 *   known now, and has the figures of `heardAt`
 * @typedef {{arrow: string, from: string, to: string, path: string, url: string, trouble: string, calls?: undefined}} UnheardArrow  its process
 *   has never told of it
 */

/**
 * `untold`: rows that a service has still to tell, by service; not of one that tells within the request. `services`: where those of other
 * processes are.
 * @typedef {Architecture & {folder: string, durability: string, onFraudDown: string, outbox: string, calls: (Arrow | UnheardArrow)[],
 *   untold: Record<string, number>, services?: {service: string, url?: string}[]}} Rest
 */

/**
 * What an order has caused, as `GET /api/orders/{id}/calls` shows it; times in ms since `begunAt`.
 * @typedef {{startMs: number, tookMs: number, deadlineMs: number, probe: boolean, error?: string}} CallTry
 * @typedef {{arrow: string, from: string, to: string, path: string, event: string, traceparent: string, outcome: 'answered' | 'failed' | 'refused',
 *   startMs: number, tookMs: number, deadlineMs: number, tries: CallTry[], refusedBy?: string, repeated?: number, notRetried?: string,
 *   error?: string, status?: number}} OrderCall
 * @typedef {{step: 'place' | 'change' | 'insert', traceId: string, outcome: string, startMs: number, tookMs: number}} CallStep
 * @typedef {{orderId: string, begunAt: string, steps: CallStep[], calls: OrderCall[], leftOut: number,
 *   missing: {service: string, url?: string, error?: string}[]}} CallTree  `missing`: whose calls are not there; `error`: it was asked
 */

/**
 * What /events/system last said; `at` is the server's time then, `heardAt` the page's.
 * @typedef {{bus: string, architecture: Architecture & Partial<Monolith> & Partial<Rest>, trouble?: string, topics: Topic[], groups: Group[], modules: Instance[], load?: Load,
 *   at?: number, heardAt?: number}} System
 */

/**
 * The figures of the top bar. `undefined`: not known yet.
 * @typedef {{ordersPerMinute?: number, meanMs?: number, p99Ms?: number, successRate?: number}} Figures
 */

/**
 * What stands between this page and the stream.
 * @typedef {{kind: 'connecting' | 'live' | 'catching-up' | 'resumed' | 'new-log' | 'gap'}
 *   | {kind: 'silent', since: number} | {kind: 'lost', since: number, retryAt: number}} ConnectionState
 */

/** @import { Position } from './position.js' */
/** @import { Records } from './records.js' */

/** Of a record. @typedef {{partition: number, offset: number}} Place */

/**
 * What the hub tells a page. `facts` is all there is; the others are what changed.
 * @typedef {{kind: 'facts', model: any, loaded: boolean, connection: ConnectionState, system: System | undefined, reached: boolean}
 *   | {kind: 'events', events: {envelope: Envelope, place: Place | undefined}[], position: Position | undefined}
 *   | {kind: 'records', records: Records}
 *   | {kind: 'connection', connection: ConnectionState}
 *   | {kind: 'system', system: System | undefined, reached: boolean}
 *   | {kind: 'break', why: 'new-log' | 'gap'}} FromHub
 */

/** @typedef {{kind: 'show' | 'hide' | 'retry' | 'bye'}} ToHub */

/**
 * A record as GET /api/orders/{id}/history gives it.
 * @typedef {object} LogRecord
 * @property {string} topic
 * @property {number} partition
 * @property {number} offset
 * @property {string} timestamp
 * @property {string | null} key
 * @property {{name: string, value: string, base64?: boolean}[]} headers
 * @property {any} value  null: a tombstone
 * @property {boolean} [base64]  the value is no JSON
 */

/**
 * A record in the journey of an order.
 * @typedef {object} Step
 * @property {LogRecord} record
 * @property {string} place  "orders p2@90"
 * @property {number} us  since the first record of the journey
 * @property {number} at  µs since the epoch
 * @property {'order' | 'notification' | 'fraud' | 'analytics' | 'audit'} kind  whose shape it has
 * @property {string} writer  "notification-2"; the service where the record does not name the instance
 * @property {string} what
 * @property {number} retryCount  of the delivery that it belongs to
 * @property {string} chapter  ce_id of the record on `orders` that it follows from
 * @property {string} cause  place of the record that it follows from; empty: none, or it is gone
 * @property {boolean} again  the same work was done before: same ce_id
 */

/**
 * One delivery of an order, and all that followed from it.
 * @typedef {object} Attempt
 * @property {string} key
 * @property {number} chapter  0: the order as it was placed; each change is one more
 * @property {number} retryCount
 * @property {string} title
 * @property {number} us
 * @property {Step[]} steps
 * @property {'notified' | 'dead' | 'dropped' | undefined} outcome
 * @property {number} waitUs  how long it waited on purpose before it was produced
 * @property {string} failedOn  who failed before it
 */

/**
 * @typedef {object} Journey
 * @property {string} id
 * @property {any} order  as its newest record has it; it may be anything
 * @property {Step[]} steps  in the order of their times
 * @property {Attempt[]} attempts
 * @property {Attempt['outcome']} outcome  of the newest content of the order; undefined: more is to come
 * @property {number} changes  how often the order was changed or deleted
 * @property {boolean} isCut  retention removed the record that all followed from
 * @property {number} deliveries  of the newest content
 * @property {number | undefined} tookUs  from the order to its outcome
 * @property {number} waitUs  of that, waiting on purpose
 * @property {number} topics
 * @property {number[]} partitions  of `orders`
 */

/**
 * One sentence of a journey.
 * @typedef {{indexes: number[], sentence: string}} Beat  indexes of its steps
 */

/**
 * Nothing was written for `us` before the step at `before`.
 * @typedef {{before: number, us: number, why: string}} Pause
 */

/**
 * How a journey is told where an architecture is another one: which steps are one sentence, that sentence, and why nothing was
 * written before a step.
 * @typedef {{keyOf: (step: Step) => string, sentenceOf: (steps: Step[], graceMs?: number) => string, reasonOf: (step: Step) => string}} Words
 */

/**
 * How what the first minute broke goes on. `instance` is who crashed; `when` are the words of the sentence that count down, `countdown`
 * the same in figures; `meanwhile` is what goes on, the trouble first.
 * @typedef {{phase: 'broken' | 'mending' | 'over', sentence: string, instance?: string, when?: string, countdown?: {leftMs: number, sessionMs: number},
 *   meanwhile?: {what: string, who: string, more: string}[], why?: string}} Broken
 */

/**
 * What the first minute breaks in one architecture. begin() gives why it could not; empty: it has. end() leaves nothing broken that
 * would stay so, and tells no more.
 * @typedef {{begin: () => Promise<string>, end: () => void, now: import('/vendor/preact-signals.js').ReadonlySignal<Broken | undefined>}} Break
 */

export {};
