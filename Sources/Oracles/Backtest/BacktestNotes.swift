/// What a replay has to say about a recording, each thing once.
struct BacktestNotes: Sendable {
    private static let most = 256

    private(set) var all: [String] = []
    private var said: Set<String> = []

    /// Takes a note; `once` is what two notes have to share to be one.
    mutating func add(_ note: String, once: String? = nil) {
        guard all.count < Self.most, said.insert(once ?? note).inserted else { return }
        all.append(note)
    }
}
