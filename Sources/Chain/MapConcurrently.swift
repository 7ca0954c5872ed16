/// Applies `transform` to every element, at most `limit` at once, and keeps the order of the elements.
func mapConcurrently<Element: Sendable, Output: Sendable>(
    _ elements: [Element], limit: Int, _ transform: @escaping @Sendable (Element) async -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var results = [Output?](repeating: nil, count: elements.count)
        var next = 0
        while next < min(limit, elements.count) {
            let index = next
            group.addTask { (index, await transform(elements[index])) }
            next += 1
        }
        while let (index, output) = await group.next() {
            results[index] = output
            if next < elements.count {
                let index = next
                group.addTask { (index, await transform(elements[index])) }
                next += 1
            }
        }
        return results.compactMap(\.self)
    }
}
