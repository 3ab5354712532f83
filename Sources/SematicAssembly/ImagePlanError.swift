import SematicOCI
import SematicSystem

/// A product, its settings and a base that make no image together.
package struct ImagePlanError: ExplainedError, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// `other` says what is for the other platform: "the base image".
    case platform(program: String, is: Platform, other: String, wanted: Platform)
    /// Two things at one place of the image.
    case collision(path: String, first: String, second: String)
    case place(path: String, item: String, problem: String)
    case name(String, problem: String)
    case workingDirectory(String)
    /// A library that an image without a base needs, and that is not on this machine.
    case missing(library: String, neededBy: [String])
    /// Something of the system that the settings name, and that is not there.
    case notInSystem(String)
    /// A base whose C library is older than a program or library needs.
    case oldLibrary(neededBy: String, version: String, base: String, present: String)
    /// Something that needs Python, in an image without a base.
    case noPython(String)
    /// Something that cannot be in an image: a link out of its folder, a socket.
    case content(path: String, problem: String)
    case tooManyLayers(base: Int, own: Int)
  }

  package let reason: Reason

  package init(_ reason: Reason) { self.reason = reason }

  package var description: String {
    switch reason {
    case .platform(let program, let platform, let other, let wanted):
      "the program \(program) is for \(platform), but \(other) is for \(wanted)"
    case .collision(let path, let first, let second): "\(first) and \(second) would both be /\(path) in the image"
    case .place(let path, let item, let problem): "\(item) cannot be \(path) in the image: \(problem)"
    case .name(let name, let problem): "'\(name)' cannot be the name of a launch program: \(problem)"
    case .workingDirectory(let path): "the working directory '\(path)' is not an absolute path"
    case .missing(let library, let users):
      "\(library), which \(users.joined(separator: ", ")) needs, is not on this machine for the program's processor, "
        + "and an image without a base has to bring it"
    case .notInSystem(let name): "data: \(name) is not in this machine's system, or not for the image's platform"
    case .oldLibrary(let user, let version, let base, let present):
      "\(user) needs \(version), but the base \(base) has \(present) at most"
    case .noPython(let what): "an image without a base has no Python for \(what)"
    case .content(let path, let problem): "\(path) cannot be put into the image: \(problem)"
    case .tooManyLayers(let base, let own):
      "the image would have \(base + own) layers, \(base) of the base and \(own) of its own, and Docker takes at most "
        + "\(ImagePlan.mostLayers)"
    }
  }

  package var hint: String? {
    switch reason {
    case .platform(_, let platform, _, let wanted):
      "build the program for \(wanted) with `--swift-sdk`, or the image for \(platform), by its base or `--platform \(platform)`"
    case .collision: "give one of them another name or destination"
    case .place: "choose another destination for it"
    case .name: nil
    case .workingDirectory: "write it with a leading slash, as in /srv/worker"
    case .missing: "install it on this machine, or choose a base that has it"
    case .notInSystem: "install it, or write another path or name behind 'from_system'"
    case .oldLibrary:
      "choose a newer base (Swift's own programs run on Debian 12, Ubuntu 22.04 and later), or `--base scratch`: then this "
        + "machine's libraries come along"
    case .noPython: "choose a base with Python, such as worker-base"
    case .content: "replace it by the file itself, or leave it out"
    case .tooManyLayers: "choose a base with fewer layers, or have its maker squash them"
    }
  }
}
