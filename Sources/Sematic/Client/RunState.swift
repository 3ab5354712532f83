/// The state of a run, by Sematic's names.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/abstract_future.py
enum RunState: String, Sendable {
  case created = "CREATED"
  case scheduled = "SCHEDULED"
  /// The function has returned, but its steps have not.
  case ran = "RAN"
  case resolved = "RESOLVED"
  case failed = "FAILED"
  /// A step of the run has failed.
  case nestedFailed = "NESTED_FAILED"
  case retrying = "RETRYING"
  case canceled = "CANCELED"

  var isEnd: Bool {
    switch self {
    case .resolved, .failed, .nestedFailed, .canceled: true
    case .created, .scheduled, .ran, .retrying: false
    }
  }

  /// Whether the server has yet to start a container for the run.
  var awaitsContainer: Bool { self == .created || self == .retrying }
}

/// The status of a resolution, by Sematic's names.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/db/models/resolution.py
enum ResolutionStatus: String, Sendable {
  case created = "CREATED"
  case scheduled = "SCHEDULED"
  case running = "RUNNING"
  case failed = "FAILED"
  case complete = "COMPLETE"
  case canceled = "CANCELED"

  var isEnd: Bool {
    switch self {
    case .complete, .failed, .canceled: true
    case .created, .scheduled, .running: false
    }
  }
}

/// Where a resolution is executed, by Sematic's names.
enum ResolutionKind: String, Sendable {
  case local = "LOCAL"
  case kubernetes = "KUBERNETES"
}
