import SematicELF

/// A program of an image, with what the loader finds for it there.
struct LoadedProgram {
  let libraries: LibraryClosure
  /// The texts of `ImageFiles.texts` that the program has in it.
  let mentions: [String]

  /// - Parameter libraryPath: the image's LD_LIBRARY_PATH.
  init(
    _ program: FoundFile, _ file: ElfFile, mentions: [String], libraryPath: String?, working: String,
    in files: ImageFiles
  ) throws {
    self.mentions = mentions
    var file = file
    file.path = "/" + program.path
    // What a program opens only when it has to speak https is judged where it is there.
    let optional = file.dlopenNotes.isEmpty ? mentions.filter { $0.contains(".so") } : []
    // For a program without libraries no layer is to be read for them.
    let isAlone = file.needed.isEmpty && mentions.isEmpty
    let folders = LibraryFolders(
      libraryPath: (libraryPath ?? "").split { $0 == ":" || $0 == ";" }.map(String.init),
      system: isAlone ? [] : try LibraryFolders.system(for: file.machine, in: files),
      bundled: [Self.bundleFolder(of: file.path)], working: working)
    libraries = try LibraryResolver(folders, in: files).resolve(file, optional: optional)
  }

  var file: ElfFile { libraries.executable }

  /// The names of what is loaded at once or at run time.
  var libraryNames: [String] { libraries.allLibraries.map(\.name) }

  /// The folder from which the program loads what it opens at run time (Sources/CSematic/beside.c).
  var bundleFolder: String { Self.bundleFolder(of: file.path) }

  private static func bundleFolder(of program: String) -> String {
    let folder = ImagePath.split(ImagePath.split(program).folder).folder
    return folder + "/lib"
  }

  /// The newest version of the C library's symbols in the image: `GLIBC_2.36`.
  var cLibraryVersion: String? {
    libraries.libraries.first { $0.name == "libc.so.6" }
      .flatMap { LibraryClosure.newestVersion(in: $0.file.versionDefinitions, of: "GLIBC") }
  }

  /// Sentences about what is not there of the libraries that the program opens at run time.
  var runtimeProblems: [String] {
    let missing = libraries.runtimeLoaded.flatMap { loaded -> [String] in
      guard !loaded.libraries.isEmpty else {
        let use = loaded.note.feature.map { " for \($0)" } ?? ""
        return ["\(loaded.note.names[0]), which \(loaded.loadedBy) loads\(use)"]
      }
      return loaded.missing.map(\.sentence)
    }
    let versions = libraries.missingVersions.filter(\.isRuntimeLoaded).map { missing -> String in
      "\(missing.version) of \(missing.library), which \(missing.neededBy) needs"
    }
    return missing + versions
  }
}

extension LibraryClosure.Missing {
  /// The library with the first that needs it.
  var sentence: String {
    let end = unusable.map { " (\($0) is no library)" } ?? ""
    return "\(name), which \(neededBy.first ?? "the program") needs\(end)"
  }
}
