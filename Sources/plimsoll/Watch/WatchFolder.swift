import Foundation

/// Where a watch keeps its streams: the state folder, or one that is gone afterwards.
final class WatchFolder {
    let path: String
    let isTemporary: Bool

    init(_ state: String?) throws {
        isTemporary = state == nil
        path = state ?? FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString)").path
        if isTemporary {
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw CommandStop(.cannotWrite, "a temporary folder cannot be made; name one with --state")
            }
        }
    }

    deinit {
        guard isTemporary else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch { return }
    }
}
