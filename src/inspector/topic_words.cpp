#include "topic_words.hpp"

#include <array>
#include <utility>

namespace foodorder::inspector {

namespace {

constexpr std::array explanations = {
    std::pair{"cleanup.policy", "Whether old records are deleted, or of each key the newest one is kept (compact)."},
    std::pair{"compression.gzip.level", "How hard gzip tries; a higher level takes more time and less space."},
    std::pair{"compression.lz4.level", "How hard lz4 tries; a higher level takes more time and less space."},
    std::pair{"compression.type", "How the log is compressed; producer keeps each batch as its producer sent it."},
    std::pair{"compression.zstd.level", "How hard zstd tries; a higher level takes more time and less space."},
    std::pair{"delete.retention.ms", "How long a tombstone stays after compaction, so that slow readers still see it."},
    std::pair{"file.delete.delay.ms", "How long the file of a removed segment stays on disk."},
    std::pair{"flush.messages",
              "After so many records the log is forced to disk; replicas usually make that needless."},
    std::pair{"flush.ms", "After this time the log is forced to disk; replicas usually make that needless."},
    std::pair{"follower.replication.throttled.replicas",
              "Replicas whose copying is slowed down where they are written."},
    std::pair{"index.interval.bytes", "How many bytes of records share one entry of the offset index."},
    std::pair{"leader.replication.throttled.replicas", "Replicas whose copying is slowed down where they are read."},
    std::pair{"local.retention.bytes", "With tiered storage: how much of a partition stays on the broker's own disk."},
    std::pair{"local.retention.ms", "With tiered storage: how long segments stay on the broker's own disk."},
    std::pair{"max.compaction.lag.ms", "After this time a record is compacted, however little is dirty."},
    std::pair{"max.message.bytes", "The largest batch of records that the topic takes; a larger record is refused."},
    std::pair{"message.downconversion.enable", "Whether old clients get records in the format that they know."},
    std::pair{"message.format.version", "The format in which records are stored; newer brokers ignore it."},
    std::pair{"message.timestamp.after.max.ms", "How far in the future a record's time may lie before it is refused."},
    std::pair{"message.timestamp.before.max.ms", "How far in the past a record's time may lie before it is refused."},
    std::pair{"message.timestamp.difference.max.ms", "How far a record's time may lie from the broker's."},
    std::pair{"message.timestamp.type", "Whether a record's time is its producer's (CreateTime) or the broker's."},
    std::pair{"min.cleanable.dirty.ratio", "Compaction begins once so much of the log has not been compacted."},
    std::pair{"min.compaction.lag.ms", "A record younger than this is not compacted away."},
    std::pair{"min.insync.replicas", "With acks=all so many replicas must have a record before it is acknowledged."},
    std::pair{"preallocate", "Whether the file of a new segment takes its full size on disk at once."},
    std::pair{"remote.log.copy.disable", "With tiered storage: whether no more segments are copied to it."},
    std::pair{"remote.log.delete.on.disable", "Whether what is in tiered storage goes when that is switched off."},
    std::pair{"remote.storage.enable", "Whether old segments move to tiered storage."},
    std::pair{"retention.bytes", "How large a partition may grow before its oldest records go; -1 is without limit."},
    std::pair{"retention.ms", "How long a record is kept; -1 is for ever."},
    std::pair{"segment.bytes", "How large a segment file grows; retention and compaction take whole closed segments."},
    std::pair{"segment.index.bytes", "How large the index of a segment may grow before a new segment begins."},
    std::pair{"segment.jitter.ms", "A random part is taken off segment.ms, so that not all segments close at once."},
    std::pair{"segment.ms", "After this time a new segment begins; only closed ones are compacted or deleted."},
    std::pair{"unclean.leader.election.enable", "Whether a replica that lacks records may lead, which loses them."},
};

}  // namespace

std::string_view explain_setting(std::string_view name) {
  for (const auto& [known, text] : explanations)
    if (name == known) return text;
  return {};
}

}  // namespace foodorder::inspector
