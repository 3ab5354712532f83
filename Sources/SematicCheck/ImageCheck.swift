import SematicOCI

/// Judges an image by its configuration, its layers' tar headers and a few files, without running anything.
package struct ImageCheck {
  package let kind: WorkerKind
  /// The reason for the kind.
  package let kindReason: String
  /// In the order of the rules.
  package let verdicts: [Verdict]

  /// Whether no rule fails.
  package var passes: Bool { !verdicts.contains { $0.status == .fail } }

  /// - Parameters:
  ///   - wanted: the platform that was asked for; nil for any.
  ///   - waived: rules that this image may break.
  /// - Throws: `ArchiveError` for a damaged layer, and what reading one throws. A layer that is out of reach makes the
  ///   rules unknown that need it.
  package init(
    _ configuration: ImageConfiguration, files: ImageFiles, place: PullLocation, wanted: Platform? = nil,
    waived: Set<CheckRule> = []
  ) throws {
    let judge = try Judge(configuration, files: files)
    kind = judge.kind
    kindReason = judge.kindReason
    let found = try CheckRule.allCases.map { rule in
      do {
        switch rule {
        case .pushed: return Self.pushed(place)
        case .platform: return try judge.platform(wanted)
        default: return try judge.verdict(rule)
        }
      } catch let error as UnreadableLayer {
        return .unknown(rule, "\(error)")
      }
    }
    verdicts = found.map { waived.contains($0.rule) ? $0.waived : $0 }
  }

  private static func pushed(_ place: PullLocation) -> Verdict {
    switch place {
    case .registry(let name): .pass(.pushed, name)
    case .loopback(let name): .unknown(.pushed, "only this machine can reach \(name); a cluster has to, too")
    case .unpublished: .notNeeded(.pushed, "it was only just built")
    case .disk:
      .unknown(.pushed, "it is on this machine's disk", fix: "push it to a registry that the cluster can pull from")
    }
  }
}
