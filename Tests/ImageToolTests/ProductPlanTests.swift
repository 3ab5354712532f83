import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import ImageTool

@Suite struct ProductPlanTests {
  private static let amd64 = Platform(architecture: "amd64")
  private static let arm64 = Platform(architecture: "arm64")
  private static let arm = SwiftSDK(name: "arm", roots: ["aarch64-unknown-linux-gnu": "/arm"], folder: nil)
  private static let musl = SwiftSDK(
    name: "musl", roots: ["aarch64-swift-linux-musl": "/m/a", "x86_64-swift-linux-musl": "/m/x"], folder: nil)

  private func plan(
    _ platforms: [Platform], executables: [String] = [], sdks: [String: String] = [:], own: Platform? = amd64,
    chosen: String? = nil, mayHaveChosen: Bool = false, installed: [SwiftSDK] = []
  ) throws -> [ProductPlan.Source] {
    try ProductPlan(
      platforms: platforms, executables: executables.compactMap(GivenExecutable.init(argument:)), sdks: sdks,
      in: .init(own: own, chosenSDK: chosen, mayHaveChosen: mayHaveChosen, installed: installed)
    ).entries.map(\.source)
  }

  @Test func `Without platforms there is one build, or the executable`() throws {
    #expect(try plan([]) == [.own])
    #expect(try plan([], chosen: "anything") == [.own])
    #expect(try plan([], executables: ["App"]) == [.executable("App")])
  }

  @Test func `A platform has its executable, its named SDK, this machine's build or the only SDK for it`() throws {
    let both = [Self.amd64, Self.arm64]
    #expect(try plan(both, installed: [Self.arm]) == [.own, .nested(Self.arm)])
    #expect(try plan(both, executables: ["linux/arm64=App"]) == [.own, .executable("App")])
    #expect(
      try plan([], executables: ["linux/arm64=A", "linux/amd64=B"]) == [.executable("A"), .executable("B")])
    #expect(
      try plan(both, sdks: ["linux/arm64": "musl"], installed: [Self.arm, Self.musl]) == [.own, .nested(Self.musl)])
    #expect(
      try plan(both, sdks: ["linux/amd64": "x86_64-swift-linux-musl"], installed: [Self.musl])
        == [.nested(Self.musl), .nested(Self.musl)])
    #expect(try plan([Platform("linux/amd64/v3")]) == [.own])
  }

  @Test func `An SDK that was named for the whole call is what the own build is for`() throws {
    let both = [Self.amd64, Self.arm64]
    #expect(try plan(both, chosen: "arm", installed: [Self.arm]) == [.nested(nil), .own])
    #expect(try plan([Self.arm64], chosen: "aarch64-unknown-linux-gnu") == [.own])
    // Its name says nothing about the platform, and it is nowhere to be read.
    #expect(try plan([Self.arm64], chosen: "elsewhere") == [.own])
    #expect(try plan(both, chosen: "elsewhere") == [.nested(nil), .own])
    #expect(try plan(both, chosen: "musl", installed: [Self.musl]) == [.nested(Self.musl), .nested(Self.musl)])
    // On macOS nobody can tell whether one was named.
    #expect(try plan([Self.amd64], own: nil, mayHaveChosen: true, installed: [Self.musl]) == [.own])
  }

  @Test func `What cannot be had says what to install, or to name`() throws {
    func mistake(_ body: @autoclosure () throws -> [ProductPlan.Source]) throws -> MissingProduct {
      try #require(#expect(throws: MissingProduct.self) { try body() })
    }
    let both = [Self.amd64, Self.arm64]
    let none = try mistake(plan(both))
    #expect(none.description == "the product cannot be built for linux/arm64: no Swift SDK for it is installed")
    let hint = try #require(none.hint)
    #expect(hint.contains("`swift sdk install URL --checksum SHA-256`") && hint.contains("static Linux programs"))
    #expect(hint.hasSuffix("Or bring a program: `--executable linux/arm64=FILE`"))
    let several = try mistake(plan(both, installed: [Self.arm, Self.musl]))
    #expect(several.description.hasSuffix("several Swift SDKs for it are installed: arm, musl"))
    #expect(several.hint == "name one in sematic.yaml: `swift_sdks: {linux/arm64: arm}`")
    let unknown = try mistake(plan(both, sdks: ["linux/arm64": "other"], installed: [Self.arm]))
    #expect(unknown.description.hasSuffix("no Swift SDK 'other' for it is installed"))
    #expect(try mistake(plan(both, executables: ["App"])).hint == "write `--executable linux/amd64=App`")
    #expect(try mistake(plan([Platform("linux/riscv64")])).hint?.hasPrefix("install a Swift SDK for it") == true)
    let unwanted = try mistake(plan([Self.amd64], executables: ["linux/arm64=App"]))
    #expect(unwanted.isMisuse)
    #expect(
      unwanted.description
        == "the executable App is for linux/arm64, and what is asked for is an image for linux/amd64")
    #expect(unwanted.hint == "add `--platform linux/arm64`, or leave out `--executable linux/arm64=App`")
    #expect(
      try mistake(plan(both, executables: ["linux/s390x=A", "linux/arm64=B"])).description.hasSuffix(
        "an image for linux/amd64, linux/arm64"))
    // Both are for arm64, and only one can be in its image.
    #expect(try mistake(plan([], executables: ["linux/arm64=A", "linux/arm64/v8=B"])).isMisuse)
  }

  @Test(arguments: [
    ("x86_64-swift-linux-musl", "linux/amd64"), ("aarch64-unknown-linux-gnu", "linux/arm64"),
    ("armv7-unknown-linux-gnueabihf", "linux/arm/v7"), ("powerpc64le-unknown-linux-gnu", "linux/ppc64le"),
    ("arm64-apple-macosx", nil), ("wasm32-unknown-wasip1", nil), ("", nil),
  ]) func `A triple names a platform`(triple: String, platform: String?) {
    #expect(SwiftSDK.platform(ofTriple: triple)?.description == platform)
  }

  @Test func `One triple of an SDK with several is chosen by it, where no other has it`() {
    #expect(Self.arm.options(for: Self.arm64, among: [Self.arm]) == ["--swift-sdk", "arm"])
    #expect(
      Self.musl.options(for: Self.arm64, among: [Self.arm, Self.musl])
        == ["--swift-sdk", "aarch64-swift-linux-musl"])
    #expect(Self.musl.options(for: Self.arm64, among: [Self.musl, Self.musl]) == ["--swift-sdk", "musl"])
  }

  @Test func `Options in front of the verb are read as SwiftPM reads them`() {
    let call = PackageManagerCall([
      "swift-package", "--swift-sdk", "arm", "--swift-sdks-path=/sdks", "push-image", "--", "--swift-sdk", "no",
    ])
    #expect(call.swiftSDK == "arm")
    #expect(call.sdksPath == "/sdks")
    #expect(PackageManagerCall(["swift-package", "push-image", "--", "--swift-sdk", "no"]).swiftSDK == nil)
  }

  @Test func `An executable has a platform in front of an equals sign, unless a file has that name`() throws {
    #expect(GivenExecutable(argument: "linux/x86_64=a=b")?.platform == Self.amd64)
    #expect(GivenExecutable(argument: "linux/x86_64=a=b")?.path == "a=b")
    #expect(GivenExecutable(argument: "a=b")?.platform == nil)
    #expect(GivenExecutable(argument: "") == nil)
    #expect(GivenExecutable(argument: "linux/arm64=") == nil)
    let folder = try TemporaryFolder("named")
    let file = try folder.write("linux/arm64=x", "")
    #expect(GivenExecutable(argument: file)?.path == file)
  }
}
