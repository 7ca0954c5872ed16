import Foundation

/// A symmetric matrix of correlations.
public struct Correlations: Hashable, Sendable {
    /// Row by row.
    public private(set) var values: [[Double]]

    /// Takes a matrix as it is.
    public init(_ values: [[Double]]) { self.values = values }

    /// What the newest day counts compared with one 60 days before.
    static let memory = pow(2, -1 / 60.0)
    /// How much of the way to the mean correlation is gone.
    static let shrinkage = 0.2
    static let eigenvalueFloor = 1e-6
    /// Days that two series need in common; below it the default stands.
    static let fewest = 30

    /// Averages of products of daily changes that fade with a half-life of 60 days, shrunk by a fifth towards their
    /// mean, with eigenvalues of at least 1e-6. Hourly changes are not used: feeds are not asynchronous by a day.
    ///
    /// - Parameter fallback: the correlation of two series with fewer than 30 days in common.
    public init(daily: [[UInt64: Double]], fallback: (Int, Int) -> Double) {
        let count = daily.count
        var matrix = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0.0 } }
        var measured: [(Int, Int)] = []
        for i in 0..<count {
            for j in 0..<i {
                let found = Correlations.correlation(daily[i], daily[j])
                if found != nil { measured.append((i, j)) }
                matrix[i][j] = found ?? fallback(i, j)
                matrix[j][i] = matrix[i][j]
            }
        }
        if !measured.isEmpty {
            let mean = measured.reduce(0) { $0 + matrix[$1.0][$1.1] } / Double(measured.count)
            for (i, j) in measured {
                matrix[i][j] = (1 - Correlations.shrinkage) * matrix[i][j] + Correlations.shrinkage * mean
                matrix[j][i] = matrix[i][j]
            }
        }
        values = Correlations.floored(matrix)
    }

    private static func correlation(_ one: [UInt64: Double], _ other: [UInt64: Double]) -> Double? {
        let days = one.keys.filter { other[$0] != nil }.sorted()
        guard days.count >= fewest else { return nil }
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for day in days {
            guard let x = one[day], let y = other[day] else { continue }
            xx = memory * xx + (1 - memory) * x * x
            yy = memory * yy + (1 - memory) * y * y
            xy = memory * xy + (1 - memory) * x * y
        }
        guard xx > 0, yy > 0 else { return nil }
        return max(-1, min(1, xy / (xx * yy).squareRoot()))
    }

    /// The matrix with small eigenvalues lifted and ones on its diagonal.
    static func floored(_ matrix: [[Double]]) -> [[Double]] {
        let count = matrix.count
        guard count > 1 else { return matrix }
        let (eigenvalues, vectors) = eigen(matrix)
        guard eigenvalues.contains(where: { $0 < eigenvalueFloor }) else { return matrix }
        var result = (0..<count).map { i in
            (0..<count).map { j in
                (0..<count).reduce(0.0) { $0 + vectors[i][$1] * max(eigenvalueFloor, eigenvalues[$1]) * vectors[j][$1] }
            }
        }
        let scale = (0..<count).map { result[$0][$0].squareRoot() }
        for i in 0..<count {
            for j in 0..<count { result[i][j] = i == j ? 1 : result[i][j] / (scale[i] * scale[j]) }
        }
        return result
    }

    /// Eigenvalues, and eigenvectors in columns, by rotations of Jacobi.
    static func eigen(_ matrix: [[Double]]) -> ([Double], [[Double]]) {
        let count = matrix.count
        var a = matrix
        var v = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0.0 } }
        for _ in 0..<64 {
            var off = 0.0
            for i in 0..<count { for j in 0..<i { off += a[i][j] * a[i][j] } }
            if off < 1e-24 { break }
            for p in 0..<count {
                for q in (p + 1)..<max(p + 1, count) where abs(a[p][q]) > 1e-300 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<count {
                        let (x, y) = (a[k][p], a[k][q])
                        a[k][p] = c * x - s * y
                        a[k][q] = s * x + c * y
                    }
                    for k in 0..<count {
                        let (x, y) = (a[p][k], a[q][k])
                        a[p][k] = c * x - s * y
                        a[q][k] = s * x + c * y
                    }
                    for k in 0..<count {
                        let (x, y) = (v[k][p], v[k][q])
                        v[k][p] = c * x - s * y
                        v[k][q] = s * x + c * y
                    }
                }
            }
        }
        return ((0..<count).map { a[$0][$0] }, v)
    }
}
