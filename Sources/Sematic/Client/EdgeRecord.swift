/// The way of a value into a run, out of it, or from one to the next, as the server keeps it.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/edge.py
struct EdgeRecord: Sendable {
  enum Field: String, CaseIterable {
    case identifier = "id"
    case source = "source_run_id"
    case sourceName = "source_name"
    case destination = "destination_run_id"
    case destinationName = "destination_name"
    case artifact = "artifact_id"
    case parent = "parent_id"
    case created = "created_at"
    case updated = "updated_at"
  }

  private(set) var row: Row<Field>

  init(row: [String: JSON]) { self.row = Row(row) }

  init(
    from source: String? = nil, to destination: String? = nil, name: String? = nil, artifact: String? = nil
  ) {
    row = Row(Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0.rawValue, JSON.null) }))
    row[text: .identifier] = System.identifier()
    row[text: .source] = source
    row[text: .destination] = destination
    row[text: .destinationName] = name
    row[text: .artifact] = artifact
    row[text: .created] = System.now()
    row[.updated] = row[.created]
  }

  var identifier: String { row[text: .identifier] ?? "" }

  /// The same edge between copies of its runs.
  func copied(_ edges: [String: String], _ runs: [String: String]) -> EdgeRecord {
    var copy = self
    copy.row[text: .identifier] = edges[identifier] ?? System.identifier()
    copy.source = source.flatMap { runs[$0] }
    copy.destination = destination.flatMap { runs[$0] }
    copy.parent = parent.flatMap { edges[$0] }
    copy.row[text: .created] = System.now()
    copy.row[.updated] = copy.row[.created]
    return copy
  }

  var source: String? {
    get { row[text: .source] }
    set { row[text: .source] = newValue }
  }

  var destination: String? {
    get { row[text: .destination] }
    set { row[text: .destination] = newValue }
  }

  var destinationName: String? {
    get { row[text: .destinationName] }
    set { row[text: .destinationName] = newValue }
  }

  /// The edge around, of which this one is a part.
  var parent: String? {
    get { row[text: .parent] }
    set { row[text: .parent] = newValue }
  }

  var artifact: String? {
    get { row[text: .artifact] }
    set { row[text: .artifact] = newValue }
  }
}
