import TestSupport
import Testing

/// Pipelines by our verbs, in containers of the images that they pushed, judged by Sematic's own records.
@Suite(.serialized, .enabled(if: Cluster.isAvailable), .ownThread, .cluster)
struct EndToEndTests {}
