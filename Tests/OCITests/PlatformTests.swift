import Foundation
import Testing

@testable import SematicOCI

@Suite struct PlatformTests {
  @Test(arguments: [
    ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("linux/aarch64/v8", "linux/arm64/v8"),
  ])
  func `a platform has Go's names`(text: String, name: String) throws {
    #expect(try Platform(text).description == name)
  }

  @Test(arguments: ["", "linux", "linux/", "/amd64", "linux/amd64/v1/x", "Linux/amd64", "linux/a b"])
  func `what is no platform is refused`(text: String) {
    #expect(throws: MalformedValue.self) { try Platform(text) }
  }

  @Test(arguments: [
    ("linux/amd64", "linux/amd64", true), ("linux/amd64", "linux/arm64", false),
    ("linux/arm64", "linux/arm64/v8", true),
    ("linux/arm64/v8", "linux/arm64", true), ("linux/arm/v6", "linux/arm/v7", false),
    ("linux/arm", "linux/arm/v7", true),
    ("windows/amd64", "linux/amd64", false),
  ])
  func `a missing variant is the usual one`(has: String, wanted: String, fits: Bool) throws {
    #expect(try Platform(has).satisfies(Platform(wanted)) == fits)
  }

  @Test func `it is written with the names of the specification`() throws {
    var platform = Platform(os: "windows", architecture: "amd64")
    platform.osVersion = "10.0"
    let text = String(decoding: try canonicalJSON(platform), as: UTF8.self)
    #expect(text == #"{"architecture":"amd64","os":"windows","os.version":"10.0"}"#)
  }
}
