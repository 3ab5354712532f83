import Foundation
import GRDB

/// Counts what it has written to a database of SQLite, in the working directory.
@main
struct Database {
  static func main() throws {
    let path = CommandLine.arguments.dropFirst().first ?? "runs.sqlite"
    let queue = try DatabaseQueue(path: path)
    let (count, version) = try queue.write { database in
      try database.execute(sql: "CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
      for name in ["ä", "b", "c"] { try database.execute(sql: "INSERT INTO run (name) VALUES (?)", arguments: [name]) }
      return (
        try Int.fetchOne(database, sql: "SELECT count(*) FROM run WHERE name = 'ä'") ?? 0,
        try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? ""
      )
    }
    print("\(count) row with sqlite \(version.prefix(2))")
  }
}
