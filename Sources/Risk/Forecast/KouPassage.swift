import Foundation

/// First passage of a Brownian motion with double exponential jumps: for what-if, and for assets without history.
///
/// Source: Kou and Wang, "First passage times of a jump diffusion process", 2003; inverted by the Euler algorithm of
/// Abate and Whitt, "Numerical inversion of Laplace transforms of probability distributions", 1995.
public struct KouPassage: Sendable {
    /// The volatility between jumps, in a year.
    public var volatility: Double
    /// Jumps in a year.
    public var intensity: Double
    /// The share of jumps that go down.
    public var downShare: Double
    /// The mean size of a jump down and of one up, in logarithms.
    public var meanDown: Double
    /// The mean size of one up.
    public var meanUp: Double
    /// The drift in a year.
    public var drift: Double

    /// Makes a walk; the defaults are those of large assets.
    public init(
        volatility: Double = 0.70, intensity: Double = 30, downShare: Double = 0.55, meanDown: Double = 0.05,
        meanUp: Double = 0.04, drift: Double = 0
    ) {
        self.volatility = volatility
        self.intensity = intensity
        self.downShare = downShare
        self.meanDown = meanDown
        self.meanUp = meanUp
        self.drift = drift
    }

    /// The volatility of a Brownian motion of equal variance.
    public var equalVolatility: Double {
        let jumps = downShare * 2 * meanDown * meanDown + (1 - downShare) * 2 * meanUp * meanUp
        return (volatility * volatility + intensity * jumps).squareRoot()
    }

    /// The probability of a fall by `distance` (in logarithms) within `years`.
    public func probability(distance: Double, within years: Double) -> Double {
        guard distance > 0 else { return 1 }
        guard years > 0 else { return 0 }
        let terms = 15
        let order = 11
        let scale = 18.4  // discretisation error e^−A
        var partial = transform(Complex(scale / (2 * years), 0), distance).real / 2
        var sums: [Double] = []
        for k in 1...(terms + order) {
            let at = Complex(scale / (2 * years), Double(k) * Double.pi / years)
            partial += (k.isMultiple(of: 2) ? 1 : -1) * transform(at, distance).real
            if k >= terms { sums.append(partial) }
        }
        var weight = 1.0
        var total = 0.0
        for (index, sum) in sums.enumerated() {
            total += weight * sum
            weight *= Double(order - index) / Double(index + 1)
        }
        let value = exp(scale / 2) / years * total / pow(2, Double(order))
        return min(1, max(0, value))
    }

    /// The Laplace transform of the probability in the time, at `a`; the walk is mirrored so that the barrier is above.
    private func transform(_ a: Complex, _ distance: Double) -> Complex {
        let up = 1 / meanDown
        let (first, second) = roots(a)
        let left = Complex(up, 0) - first
        let right = second - Complex(up, 0)
        let spread = second - first
        let one = left * second / spread * (first * Complex(-distance, 0)).exponential
        let two = right * first / spread * (second * Complex(-distance, 0)).exponential
        return (one + two) / (a * Complex(up, 0))
    }

    /// The two roots with positive real part of the exponent equation: a polynomial of fourth degree, by simultaneous
    /// iteration.
    private func roots(_ a: Complex) -> (Complex, Complex) {
        let up = 1 / meanDown
        let down = 1 / meanUp
        let s = volatility * volatility / 2
        let mu = -drift
        let p = downShare
        // (μb + sb² − L − a)(e1 − b)(e2 + b) + L (p e1 (e2 + b) + q e2 (e1 − b)), lowest power first.
        let quadratic = [Complex(-intensity, 0) - a, Complex(mu, 0), Complex(s, 0)]
        let product = [up * down, up - down, -1.0]
        var c = [Complex](repeating: Complex(0, 0), count: 5)
        for (i, x) in quadratic.enumerated() {
            for (j, y) in product.enumerated() { c[i + j] = c[i + j] + x * Complex(y, 0) }
        }
        c[0] = c[0] + Complex(intensity * up * down, 0)
        c[1] = c[1] + Complex(intensity * (p * up - (1 - p) * down), 0)
        let found = Complex.roots(c).sorted { $0.real < $1.real }
        return (found[2], found[3])
    }
}

/// A complex number, as far as the inversion needs one.
struct Complex: Sendable {
    var real: Double
    var imaginary: Double

    init(_ real: Double, _ imaginary: Double) {
        self.real = real
        self.imaginary = imaginary
    }

    var magnitude: Double { hypot(real, imaginary) }
    var exponential: Complex {
        let size = exp(real)
        return Complex(size * cos(imaginary), size * sin(imaginary))
    }

    static func + (a: Complex, b: Complex) -> Complex { Complex(a.real + b.real, a.imaginary + b.imaginary) }
    static func - (a: Complex, b: Complex) -> Complex { Complex(a.real - b.real, a.imaginary - b.imaginary) }
    static func * (a: Complex, b: Complex) -> Complex {
        Complex(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
    static func / (a: Complex, b: Complex) -> Complex {
        let size = b.real * b.real + b.imaginary * b.imaginary
        return Complex(
            (a.real * b.real + a.imaginary * b.imaginary) / size, (a.imaginary * b.real - a.real * b.imaginary) / size)
    }

    /// The roots of a polynomial, lowest power first, by the simultaneous iteration of Durand and Kerner.
    static func roots(_ polynomial: [Complex]) -> [Complex] {
        let degree = polynomial.count - 1
        let lead = polynomial[degree]
        let c = polynomial.map { $0 / lead }
        let radius = 1 + (c.dropLast().map(\.magnitude).max() ?? 0).squareRoot()
        var roots = (0..<degree).map { k in
            let angle = 2 * Double.pi * Double(k) / Double(degree) + 0.4
            return Complex(radius * cos(angle), radius * sin(angle))
        }
        for _ in 0..<500 {
            var change = 0.0
            for i in 0..<degree {
                var value = c[degree]
                for k in stride(from: degree - 1, through: 0, by: -1) { value = value * roots[i] + c[k] }
                var others = Complex(1, 0)
                for j in 0..<degree where j != i { others = others * (roots[i] - roots[j]) }
                let step = value / others
                guard step.real.isFinite, step.imaginary.isFinite else { continue }
                roots[i] = roots[i] - step
                change = max(change, step.magnitude / max(1e-300, roots[i].magnitude))
            }
            if change < 1e-14 { break }
        }
        return roots
    }
}
