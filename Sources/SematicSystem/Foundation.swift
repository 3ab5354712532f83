// FoundationEssentials where it is there: Foundation itself brings all of ICU, which costs every compilation, and 40 MB in
// a static build.
#if canImport(FoundationEssentials)
  @_exported import FoundationEssentials
#else
  @_exported import Foundation
#endif
