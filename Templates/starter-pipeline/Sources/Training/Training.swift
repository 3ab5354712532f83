import Sematic

struct TrainInput: Codable, Sendable {
  var samples: [Double]
  var rounds: Int
}

struct Model: Codable, Sendable {
  var mean: Double
  var error: Double
  var median: Double
}

@main
struct Training: SematicProgram {
  static let evaluate = SematicFunction("evaluate", description: "How far the samples are from the mean.") {
    (input: Evaluation) in
    input.samples.reduce(0) { $0 + ($1 - input.mean).magnitude } / Double(max(1, input.samples.count))
  }

  struct Evaluation: Codable, Sendable {
    var samples: [Double]
    var mean: Double
  }

  static let middle = SematicFunction("middle", cache: true, timeout: .seconds(60)) { (samples: [Double]) in
    samples.isEmpty ? 0 : samples.sorted()[samples.count / 2]
  }

  static let train = SematicFunction("train", description: "Finds the mean of the samples, step by step.") {
    (input: TrainInput) async throws -> Model in
    var mean = 0.0
    for _ in 0..<input.rounds {
      for sample in input.samples { mean += (sample - mean) / 4 }
    }
    // Steps of their own in Sematic's UI, which run side by side.
    async let error = evaluate(Evaluation(samples: input.samples, mean: mean))
    async let median = middle(input.samples)
    return try await Model(mean: mean, error: error, median: median)
  }

  /// What a worker can be asked to run.
  static let functions: [any SematicCallable] = [train, evaluate, middle]

  /// What happens when a person starts the program: by `run-local` here, by `run-pipeline` on Kubernetes.
  static func launch() async throws {
    let pipeline = train.with(TrainInput(samples: [1, 2, 4, 5], rounds: 8))
    if hasContainerImage() {
      print(try await pipeline.schedule(with: CloudResolver()).address)
    } else {
      let result = try await pipeline.resolve(with: LocalResolver())
      print("mean \(result.output.mean), error \(result.output.error)")
      if let run = result.run { print(run.address) }
    }
  }
}
