// The numbers of an ELF file by the names of their specification, which is what readelf prints as well.
// https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html

/// Object file types (`e_type`).
enum ET {
  static let rel: UInt64 = 1
  static let exec: UInt64 = 2
  static let dyn: UInt64 = 3
  static let core: UInt64 = 4
}

/// Processors (`e_machine`).
enum EM {
  static let i386: UInt16 = 3
  static let ppc64: UInt16 = 21
  static let s390: UInt16 = 22
  static let arm: UInt16 = 40
  static let x86_64: UInt16 = 62
  static let aarch64: UInt16 = 183
  static let riscv: UInt16 = 243
}

/// Versions of the format (`EI_VERSION`, `e_version`).
enum EV {
  static let current: UInt64 = 1
}

/// Segment types (`p_type`).
enum PT {
  static let load: UInt64 = 1
  static let dynamic: UInt64 = 2
  static let interp: UInt64 = 3
  static let note: UInt64 = 4
}

/// Tags of the dynamic section (`d_tag`).
enum DT {
  static let null: UInt64 = 0
  static let needed: UInt64 = 1
  static let strtab: UInt64 = 5
  static let soname: UInt64 = 14
  static let rpath: UInt64 = 15
  static let runpath: UInt64 = 29
  static let flags1: UInt64 = 0x6fff_fffb
  static let verdef: UInt64 = 0x6fff_fffc
  static let verdefnum: UInt64 = 0x6fff_fffd
  static let verneed: UInt64 = 0x6fff_fffe
  static let verneednum: UInt64 = 0x6fff_ffff
}

/// Flags of `DT_FLAGS_1`.
enum DF1 {
  /// Set by `-z nodefaultlib`.
  static let nodeflib: UInt64 = 0x800
}

/// Flags of a version definition (`vd_flags`).
enum VerFlag {
  /// The definition names the file itself.
  static let base: UInt64 = 1
}

/// Section types (`sh_type`).
enum SHT {
  static let null: UInt64 = 0
  static let nobits: UInt64 = 8
}

/// Section flags (`sh_flags`).
enum SHF {
  static let alloc: UInt64 = 2
}

/// Note types (`n_type`) of the owner `FDO`.
enum NT {
  /// https://systemd.io/ELF_DLOPEN_METADATA/
  static let dlopenMetadata: UInt64 = 0x407c_0c0a
}
