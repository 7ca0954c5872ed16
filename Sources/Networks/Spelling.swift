/// Finds the word that was probably meant.
public enum Spelling {
    /// The nearest of `candidates`, where it is near enough to be a slip: a third of the letters, at most three.
    public static func nearest(_ word: String, among candidates: [String]) -> String? {
        let word = Array(word.lowercased().utf8)
        guard word.count <= 64 else { return nil }
        let limit = max(1, min(3, word.count / 3))
        let near = candidates.map { (candidate: $0, distance: distance(word, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= limit }
        return near.min { $0.distance < $1.distance }?.candidate
    }

    /// `; did you mean "…"?` in short form, or nothing.
    static func hint(_ word: String, among candidates: [String]) -> String {
        nearest(word, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Letters to insert, remove, replace or swap with their neighbour.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...other.count)
        for i in 0..<one.count {
            var next = [i + 1]
            for j in 0..<other.count {
                var best = min(row[j] + (one[i] == other[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] { best = min(best, before[j - 1] + 1) }
                next.append(best)
            }
            before = row
            row = next
        }
        return row[other.count]
    }
}
