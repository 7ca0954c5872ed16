extension JSONScanner {
    /// The RFC 6901 pointer to a value, `""` for the root. Walks the text: for error messages only.
    public func pointer(to node: Node) -> String {
        var pointer = ""
        var container = root.index
        while container < node.index {
            guard let (step, child) = childHolding(node.index, in: container) else { return pointer }
            pointer += "/" + JSONPointer.escaped(step)
            container = child
        }
        return pointer
    }

    private func childHolding(_ index: Int, in container: Int) -> (step: String, child: Int)? {
        let end = Int(tape[container].next)
        let isObject = tape[container].kind == .object
        var child = container + 1
        var position = 0
        while child < end {
            let value = isObject ? child + 1 : child
            if index < Int(tape[value].next) {
                guard isObject else { return (String(position), value) }
                return (String(decoding: JSONString.bytes(bytes.span, tape[child]), as: UTF8.self), value)
            }
            child = Int(tape[value].next)
            position += 1
        }
        return nil
    }

    /// The value as a message may quote it: at most 40 characters of a scalar, the kind of a container.
    public func excerpt(_ node: Node) -> String {
        let isContainer = [.array, .object, .page].contains(kind(node))
        guard !isContainer else { return kind(node).name }
        let range = range(node)
        guard range.count > 40 else { return text(node) }
        return bytes.span.text(range.lowerBound..<range.lowerBound + 36) + "…"
    }
}

/// RFC 6901 pointers as text.
public enum JSONPointer {
    /// A member name as one step of a pointer: `~` becomes `~0`, `/` becomes `~1`.
    public static func escaped(_ name: String) -> String {
        var step = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(scalar)
            }
        }
        return step
    }
}
