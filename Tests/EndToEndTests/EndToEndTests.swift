import Testing

/// Pipelines by our verbs, in containers of the images that they pushed, judged by Sematic's own records.
@Suite(.serialized, .enabled(if: Cluster.isAvailable), .cluster)
struct EndToEndTests {}
