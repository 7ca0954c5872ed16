/// Extra questions that are paid for by ordinary ones: retries, hedges.
struct Allowance: Sendable, Hashable {
    private let perQuestion: Double
    private let most: Double
    private var balance: Double

    /// - Parameters:
    ///   - perQuestion: what each ordinary question adds.
    ///   - most: what can be saved; it starts so.
    init(perQuestion: Double, most: Double) {
        self.perQuestion = perQuestion
        self.most = most
        balance = most
    }

    mutating func earn() { balance = min(most, balance + perQuestion) }

    /// Pays for one extra question; false where there is nothing left.
    mutating func spend() -> Bool {
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }
}
