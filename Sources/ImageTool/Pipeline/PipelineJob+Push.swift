import SematicConfiguration
import SematicImages
import SematicOCI
import SematicRegistryClient
import SematicSystem

/// The pipeline's repository in a registry, and the embedded registry where that is the one.
struct PushPlace {
  let registry: Registry
  /// Host and repository as others pull from them.
  let name: String
  let embedded: EmbeddedRegistry?

  func close() { embedded?.close() }
}

extension PipelineJob {
  func openRegistry() throws -> PushPlace {
    let opener = imageOpener(cache: nil)
    switch pipeline.registry {
    case .local:
      let server = try EmbeddedRegistry(folder: workspace.registry, console: console)
      let registry = try opener.registry(host: server.address, repository: pipeline.repository)
      return PushPlace(
        registry: registry, name: "\(server.publicAddress)/\(pipeline.repository)", embedded: server)
    case .remote(let host):
      let registry = try opener.registry(host: host, repository: pipeline.repository)
      return PushPlace(registry: registry, name: registry.name, embedded: nil)
    }
  }

  func push(_ images: [BuiltImage], to place: PushPlace) throws -> Metadata {
    let report = ProgressReport(console, verb: "sending")
    let requests = images.map {
      PublishRequest($0.image, base: $0.source, tags: pipeline.imageTags(for: $0.base.tag))
    }
    console.detail("pushing to \(place.name)")
    let publications = try session.timings.measure("push") {
      try publish(requests, to: place.registry) { report.report($0) }
    }
    let sent = publications.reduce(0) { $0 + $1.bytesSent }
    console.say("pushed \(place.name), \(ByteCount(sent)) sent")
    return Metadata(
      images: zip(images, publications).map { image, publication in
        metadata(
          of: image, publication, reference: "\(place.name)@\(publication.digest)", sent: publication.bytesSent)
      }, timings: [:])
  }

  /// The same references without a push, and a warning where the registry does not have them.
  func compare(_ images: [BuiltImage], with place: PushPlace) throws -> Metadata {
    for image in images {
      let digest = image.encoded.manifestDescriptor.digest
      if try !isThere(digest, at: place) {
        console.warn("\(place.name) does not have \(digest) yet: `\(pushVerb)` puts it there")
      }
    }
    return Metadata(
      images: images.map { image in
        metadata(
          of: image, nil, reference: "\(place.name)@\(image.encoded.manifestDescriptor.digest)", sent: 0)
      }, timings: [:])
  }

  private func isThere(_ digest: Digest, at place: PushPlace) throws -> Bool {
    do {
      _ = try place.registry.manifest(.digest(digest))
      return true
    } catch let error as RegistryError where error.status == 404 {
      return false
    }
  }

  private var pushVerb: String {
    options.pluginContext == nil ? "swift run ImageTool push" : "swift package push-image"
  }
}
