// The shapes of the inspector: what its API answers, and what its views show. Types only: no code.

/** Bytes as the API gives them. `cut`: the page keeps only their beginning; all of them are `bytes` long. */
/** @typedef {{encoding: 'utf-8' | 'base64', text: string, cut?: boolean, bytes?: number}} Bytes */

/**
 * A record as GET .../messages gives it.
 * @typedef {object} Message
 * @property {string} topic
 * @property {number} partition
 * @property {number} offset
 * @property {string} timestamp
 * @property {Bytes | null} key
 * @property {Bytes | null} value  null: a tombstone
 * @property {{name: string, value: Bytes | null}[]} headers
 * @property {any} [json]  the value, where it is JSON
 * @property {{key: number, value: number, headers: number}} [size]  bytes
 * @property {number} [headerCount]  of all; `headers` holds the first of them
 * @property {true} [cut]  the value is only its beginning
 * @property {true} [unjudged]  the filter has a path that this value has no answer to
 * @property {number} [older]  records that it supersedes
 * @property {'commit' | 'abort'} [marker]  no record: the end of a transaction
 * @property {{state: 'committed' | 'aborted' | 'open', producerId: number, producerEpoch: number}} [transaction]
 * @property {Record<string, string | null>} [paths]  what the filter's paths are in it; null: it cannot be judged
 */

/** @typedef {{partition: number, startOffset: number, endOffset: number, records: number, sizeBytes: number}} Partition */

/**
 * @typedef {object} Topic
 * @property {string} name
 * @property {'delete' | 'compact'} cleanupPolicy
 * @property {number} records
 * @property {number} sizeBytes
 * @property {Record<string, string>} [config]
 * @property {number | null} [recordsPerSecond]
 * @property {{name: string, value: string, changed: boolean, explanation: string}[] | null} [settings]
 * @property {Partition[]} partitions
 */

/**
 * @typedef {object} GroupPartition
 * @property {string} topic
 * @property {number} partition
 * @property {number | null} committedOffset
 * @property {number} endOffset
 * @property {number} lag
 * @property {number} [removedBeforeRead]
 * @property {number} [startOffset]
 * @property {string | null} [owner]
 * @property {number | null} [lagSeconds]
 */

/**
 * @typedef {object} Group
 * @property {string} group
 * @property {string} type
 * @property {string} state
 * @property {number} lag
 * @property {boolean} membersKnown
 * @property {{memberId: string, clientId: string, assignment: {topic: string, partition: number}[]}[]} members
 * @property {GroupPartition[]} partitions
 */

/**
 * What /events/system last said; `at` is the server's time then, `heardAt` the page's.
 * @typedef {{bus: string, brokers?: string, trouble?: string, topics: Topic[], groups: Group[],
 *   modules: import('../types.js').Instance[], at: number, heardAt: number}} System
 */

/** The line to the server. @typedef {{kind: 'connecting' | 'live'} | {kind: 'lost' | 'silent', since: number}} Line */

/**
 * What the hub tells a page: `facts` is all there is, `system` what changed.
 * @typedef {{kind: 'facts', system: System | undefined, line: Line, recent: any, long: any}
 *   | {kind: 'system', system: System} | {kind: 'line', line: Line} | {kind: 'new-log'}} FromHub
 */

/**
 * Which part of the page is open, and with which filters.
 * @typedef {object} Route
 * @property {'topics' | 'groups' | 'topic'} view
 * @property {string} topic  of view topic
 * @property {string} group  of view groups; empty: all
 * @property {number | undefined} partition  of the record that is open
 * @property {number | undefined} offset
 * @property {Query} query
 */

/**
 * What stands in the URL behind the ?; each is empty where it says nothing.
 * @typedef {object} Query
 * @property {string} tab  messages, compacted, partitions, settings, reasons
 * @property {string} partition
 * @property {string} from  newest, oldest, an offset, a time
 * @property {string} key
 * @property {string} header
 * @property {string} only  tombstones, none
 * @property {string} text
 * @property {string} filter
 * @property {string} isolation  read_uncommitted
 */

export {};
