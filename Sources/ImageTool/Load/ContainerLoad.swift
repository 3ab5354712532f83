import SematicArchive
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicSystem

/// Loads images into a container runtime: each is an archive that is streamed into the runtime's own command.
struct ContainerLoad {
  let runtime: ContainerRuntime
  let console: Console
  let signals: SignalRelay?

  /// - Throws: `LoadError` for a runtime that cannot be used now.
  func check() throws {
    guard let command = runtime.statusCommand else { return }
    let answer = try ask(command)
    guard answer.status == 0 else {
      throw failure(command, "exited with status \(answer.status)", said: answer.output + answer.errors)
    }
  }

  /// Loads an image under its tags.
  /// - Parameters:
  ///   - repository: the image's name without a tag.
  ///   - base: the name of the base, whose layers the runtime may have, too.
  ///   - record: the file that keeps which layers were loaded.
  /// - Throws: `LoadError`; what reading the layers throws.
  func load(_ request: PublishRequest, repository: String, base: String?, record: String) throws -> Publication {
    let names = request.tags.map { "\(repository):\($0)" }
    let layers = request.parts.flatMap(\.image.layers)
    var present: Set<Digest> = []
    if let command = runtime.contentCommand(names + [base].compactMap { $0 }) {
      present = runtime.present(layers, in: String(decoding: try ask(command).output, as: UTF8.self))
    } else if runtime.isRemembered {
      let loaded = (try? FileTree.read(record, limit: 1 << 20)) ?? []
      present = runtime.present(layers, in: String(decoding: loaded, as: UTF8.self))
    } else {
      console.detail("\(runtime.rawValue) does not tell which layers it has: all are sent")
    }
    let publication: Publication
    do {
      publication = try load(request, repository: repository, leavingOut: present)
    } catch LoadError.failed(let command, _, let how, _) where !present.isEmpty {
      // It does not have these layers, or not as it could use them here.
      console.detail("`\(LaunchEnvironment.shellLine(command))` \(how); sending every layer")
      publication = try load(request, repository: repository, leavingOut: [])
    }
    if runtime.isRemembered {
      let lines = layers.map { $0.descriptor.digest.description + "\n" }.joined()
      try AtomicFile.write(Data(lines.utf8), to: record)
    }
    return publication
  }

  private func load(
    _ request: PublishRequest, repository: String, leavingOut present: Set<Digest>
  ) throws -> Publication {
    let tags = runtime.takesOneName ? Array(request.tags.prefix(1)) : request.tags
    let report = ProgressReport(console, verb: "loading")
    let destination = ImageArchiveDestination(
      name: runtime.rawValue, forDocker: runtime.wantsDockerArchive, repository: repository, present: present,
      deliver: { write in try stream(write) })
    let publication = try publish(
      [PublishRequest(request.parts, index: request.index, tags: tags)], to: destination
    ) { report.report($0) }.first
    guard let publication else { throw PublishError.nothing }
    // One that reads nothing and ends well has loaded nothing.
    let question = runtime.presenceCommand("\(repository):\(tags[0])")
    let answer = try ask(question)
    guard answer.status == 0, !answer.output.isEmpty else {
      throw failure(
        runtime.loadCommand, "ended well, but the image is not there: `\(LaunchEnvironment.shellLine(question))`",
        said: answer.output + answer.errors)
    }
    for tag in request.tags.dropFirst(tags.count) {
      let command = [runtime.rawValue, "tag", "\(repository):\(tags[0])", "\(repository):\(tag)"]
      let answer = try ask(command)
      guard answer.status == 0 else {
        throw failure(command, "exited with status \(answer.status)", said: answer.errors)
      }
    }
    let all = Set(request.parts.flatMap(\.image.layers).map(\.descriptor.digest))
    let sent = all.subtracting(present).count
    console.say(
      "loaded \(repository):\(request.tags[0]) into \(runtime.rawValue), \(sent) of \(all.count) layer\(all.count == 1 ? "" : "s") sent"
    )
    return publication
  }

  /// Runs the runtime's command on what `write` gives to its parameter.
  private func stream(_ write: (@escaping TarWriter.Sink) throws -> Void) throws {
    let command = runtime.loadCommand
    // What the runtime has said, and its temporary files, which one that is killed leaves behind.
    var environment = ProcessInfo.processInfo.environment
    let parent = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
    Leftovers.remove(in: parent)
    let folder = FileTree.absolute(parent) + "/" + Leftovers.newName()
    try FileTree.createDirectory(folder, mode: 0o700)
    defer { try? FileTree.remove(folder) }
    environment["TMPDIR"] = folder
    let said = folder + "/said"
    let log = POSIX.open(said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode: 0o600)
    guard log >= 0 else { throw FileError("write", said, code: errno) }
    defer { POSIX.close(log) }

    let (reading, writing) = try HelperAnswer.pipeEnds()
    let started = Result {
      try ChildProcess(
        executable: command[0], arguments: Array(command.dropFirst()), environment: environment,
        streams: (reading, log, log), diesWithThread: true)
    }
    POSIX.close(reading)
    defer { signals?.setTarget(nil) }
    if let process = try? started.get() { signals?.setTarget(process.identifier) }
    let written = Result {
      guard (try? started.get()) != nil else { return }
      try withoutPipeSignal { try write { guard POSIX.writeAll(writing, $0) else { throw UnreadArchive() } } }
    }
    POSIX.close(writing)
    let ending: ChildProcess.Ending
    do {
      ending = try started.get().wait()
    } catch {
      throw failure(command, "cannot be started: \(error)", said: [])
    }
    let words = (try? FileTree.read(said)) ?? []
    do {
      try written.get()
    } catch is UnreadArchive {
      guard ending != .exited(0) else { throw failure(command, "ended before it had read the image", said: words) }
    }
    switch ending {
    case .exited(0): console.detail(String(decoding: words, as: UTF8.self).trimmed)
    case .exited(let status): throw failure(command, "exited with status \(status)", said: words)
    case .signalled(let signal):
      throw LoadError.ended(command, of: runtime, signal: signal, lastWords: Self.lastWords(words))
    }
  }

  /// The runtime has closed its standard input.
  private struct UnreadArchive: Error {}

  private func ask(_ command: [String]) throws -> (status: Int32, output: [UInt8], errors: [UInt8]) {
    do {
      return try HelperAnswer.run(
        command[0], Array(command.dropFirst()), environment: ProcessInfo.processInfo.environment, input: "",
        seconds: 60)
    } catch is HelperAnswer.TimedOut {
      throw failure(command, "gave no answer in a minute", said: [])
    } catch let error as SystemError {
      throw failure(command, "cannot be started: \(error)", said: [])
    }
  }

  private func failure(_ command: [String], _ how: String, said: [UInt8]) -> LoadError {
    .failed(command, of: runtime, how: how, lastWords: Self.lastWords(said))
  }

  private static func lastWords(_ said: [UInt8]) -> [String] {
    String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(10).map(String.init)
  }
}

extension Delivery {
  /// Loads images into a container runtime, and says how to run them.
  func load(_ images: [BuiltImage], by load: ContainerLoad) throws {
    warnOfAttachments(images, load.runtime.rawValue)
    for (image, request) in zip(images, requests(images)) {
      var base: String?
      if case .registry(let reference) = image.base.source { base = reference.description }
      let name = "\(imageName):\(request.tags[0])"
      let record = inputs.state.loaded + "/" + (try Digest.of(Array(name.utf8)).hex)
      let publication = try inputs.session.timings.measure("load") {
        try load.load(request, repository: imageName, base: base, record: record)
      }
      let process = FileTree.name(of: inputs.pipeline.repository)
      // Of an index, the runtime chooses this machine's.
      let platform = image.index == nil ? image.platforms.first?.platform ?? .host : .host
      let command = load.runtime.runCommand(name, platform, process: process)
      inputs.console.say("run it: \(LaunchEnvironment.shellLine(command))")
      try inputs.session.delivered(Metadata.Image(image, reference: name, publication))
    }
  }
}
