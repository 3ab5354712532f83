/// Logs a value of a metric of the function that is called right now.
///
/// ```swift
/// let train = SematicFunction("train") { (epochs: Int) async throws -> Int in
///   for epoch in 0..<epochs { try await logMetric("loss", 1 / Double(epoch + 1)) }
///   return epochs
/// }
/// ```
/// The UI draws it under Metrics. Where nothing is recorded, nothing happens.
///
/// https://github.com/sematic-ai/sematic/blob/main/sematic/ee/metrics.py
/// - Parameters:
///   - name: the name of the metric.
///   - value: a finite number.
///   - scope: where the UI shows the metric.
///   - kind: how the UI joins several values.
/// - Throws: `SematicError`; with the code `misuse` for NaN and the infinities, which the server cannot keep.
public func logMetric(
  _ name: String, _ value: Double, scope: MetricScope = .run, kind: MetricKind = .gauge
) async throws {
  guard value.isFinite else {
    throw SematicError.misuse("the metric '\(name)' is \(value), which the server cannot keep")
  }
  guard let context = RunContext.current else { return }
  let rootPath = try await context.pipeline.functionPath(ofRoot: context.root)
  let labels = [
    "__scope__": scope.label, "run_id": context.run, "function_path": context.functionPath, "root_id": context.root,
    "root_function_path": rootPath,
  ]
  let point = JSON.object([
    "name": .string(name), "value": .text(.of { JSON.write(value, to: &$0) }), "metric_type": .integer(kind.number),
    "metric_time": .text(.of { JSON.write(System.seconds(), to: &$0) }),
    "labels": .object(labels.mapValues(JSON.string)),
  ])
  let body = ["metric_points": JSON.array([point])]
  let recorder = context.pipeline.recorder
  try await recorder.client.call("log a metric", "POST", "/metrics", .object(body))
  await recorder.announce("metrics", body)
}

/// The place where the UI shows a metric.
///
/// ```swift
/// try await logMetric("accuracy", 0.9, scope: .pipeline)
/// ```
public struct MetricScope: Hashable, Sendable {
  let label: String

  /// The run that logs it.
  public static let run = MetricScope(label: "0")
  /// All runs of the pipeline, under its metrics.
  public static let pipeline = MetricScope(label: "1")
}

/// The way in which the UI joins several values of a metric.
///
/// ```swift
/// try await logMetric("samples", 100, kind: .count)
/// ```
public struct MetricKind: Hashable, Sendable {
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/metrics/metric_point.py
  let number: Int

  /// By their sum.
  public static let count = MetricKind(number: 0)
  /// By their average.
  public static let gauge = MetricKind(number: 1)
}
