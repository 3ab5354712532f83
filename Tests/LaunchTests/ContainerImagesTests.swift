import Testing

@testable import SematicLaunch

private let digest = "sha256:" + String(repeating: "0a", count: 32)

@Suite struct ContainerImagesTests {
  @Test func `an image for each base tag survives the way through the environment`() throws {
    let images = ["default": "localhost:5000/team/app@\(digest)", "cuda": "ghcr.io/team/app@\(digest)"]
    let text = try ContainerImages.encode(images)
    #expect(text == "::cuda##ghcr.io/team/app@\(digest)::default##localhost:5000/team/app@\(digest)")
    #expect(try ContainerImages.read(from: [ContainerImages.several: text]) == images)
  }

  @Test func `the user's own image wins over those that were built`() throws {
    let environment = [ContainerImages.single: "r/own:1", ContainerImages.several: "::default##r/built@\(digest)"]
    #expect(try ContainerImages.read(from: environment) == ["default": "r/own:1"])
  }

  @Test func `without a variable there is no image`() {
    #expect(!ContainerImages.isPresent(in: [:]))
    #expect(throws: ContainerImageError.noImage) { try ContainerImages.read(from: [:]) }
  }

  @Test(arguments: [
    ("", "the image is empty"),
    ("r/x@", "'' is not a digest (sha256: and 64 digits 0-9a-f)"),
    ("r/x@sha256:12", "'sha256:12' is not a digest (sha256: and 64 digits 0-9a-f)"),
    ("r/x y", "the image 'r/x y' has white space in it"),
    ("r::x", "the image 'r::x' has :: or ## in it"),
    ("@" + digest, "the image '@\(digest)' has no name"),
  ])
  func `an image of the user's own that cannot be one is refused`(value: String, reason: String) {
    let expected = ContainerImageError.malformed(variable: ContainerImages.single, value: value, reason: reason)
    #expect(ContainerImages.isPresent(in: [ContainerImages.single: value]))
    #expect(throws: expected) { try ContainerImages.read(from: [ContainerImages.single: value]) }
  }

  @Test(arguments: [
    ("", "it has no image for the tag 'default'"),
    ("default=r/x", "'default=r/x' is not tag##image"),
    ("::a##b##c", "'a##b##c' is not tag##image"),
    ("::##r/x", "'##r/x' has no tag"),
    ("::default##", "the image is empty"),
    ("::cuda##r/x", "it has no image for the tag 'default'"),
    ("::default##r/x::default##r/y", "the tag 'default' is there twice"),
  ])
  func `images that Python would misread are refused`(value: String, reason: String) {
    let expected = ContainerImageError.malformed(variable: ContainerImages.several, value: value, reason: reason)
    #expect(throws: expected) { try ContainerImages.read(from: [ContainerImages.several: value]) }
  }

  @Test(arguments: [
    ["default": "[::1]:5000/x"], ["a::b": "r/x", "default": "r/x"], ["a##b": "r/x", "default": "r/x"], ["cuda": "r/x"],
  ])
  func `nothing is written that could not be read back`(images: [String: String]) {
    #expect(throws: ContainerImageError.self) { try ContainerImages.encode(images) }
  }
}
