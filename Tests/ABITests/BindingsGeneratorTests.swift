import ABI
import Foundation
import JSON
import Testing

@testable import abigen

/// `Sample/Sample.swift` is what the generator writes for `Sample/Sample.json`: here the text is compared, and
/// ``BindingsTests`` runs it.
///
/// After a change that is meant: `swift run abigen bindings Tests/ABITests/Sample/Sample.json
/// Tests/ABITests/Sample/Sample.swift`.
@Suite struct BindingsGeneratorTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Sample")

    @Test func writesTheExpectedText() throws {
        let json = try Data(contentsOf: Self.folder.appending(path: "Sample.json"))
        let expected = try String(contentsOf: Self.folder.appending(path: "Sample.swift"), encoding: .utf8)
        #expect(try BindingsGenerator.generate(json: [UInt8](json), name: "Sample") == expected)
    }

    private func generate(_ abi: String, name: String = "Thing") throws -> String {
        try BindingsGenerator.generate(json: Array(abi.utf8), name: name)
    }

    @Test func aBareArrayTakesItsNameFromTheFile() throws {
        #expect(try generate("[]", name: "IPool").contains("public enum IPool {\n}\n"))
    }

    @Test(arguments: [
        ("symbol", "Symbol"), ("POOL_REVISION", "PoolRevision"), ("Foo", "FooCall"), ("string", "StringCall"),
        ("_f", "F"), ("output", "OutputCall"), ("DECIMALS", "Decimals"), ("get_all", "GetAll"), ("$x", "X"),
        ("ilks2", "Ilks2"),
    ])
    func namesOfCalls(function: String, type: String) throws {
        let source = try generate(#"[{"type":"function","name":"\#(function)","inputs":[],"outputs":[]}]"#)
        #expect(source.contains("public struct \(type): ContractCall"))
    }

    @Test(arguments: [
        ("in", "`in`"), ("self", "self_"), ("amount", "amount"), ("", "_0"), ("init", "init_"),
        ("default", "`default`"), ("selector", "selector_"),
    ])
    func namesOfArguments(argument: String, property: String) throws {
        let source = try generate(
            #"[{"type":"function","name":"f","inputs":[{"name":"\#(argument)","type":"bool"}],"outputs":[]}]"#)
        #expect(source.contains("public let \(property): Bool"))
    }

    @Test func structsAndCallsOfOneNameDiffer() throws {
        let source = try generate(
            """
            [{"type":"function","name":"order","inputs":[{"name":"o","type":"tuple","internalType":"struct I.Order","components":[
              {"name":"a","type":"bool"},{"name":"a","type":"bool"}]}],"outputs":[]},
             {"type":"function","name":"orders","inputs":[{"name":"o","type":"tuple","internalType":"struct J.Order","components":[
              {"name":"b","type":"uint8"}]}],"outputs":[]}]
            """)
        #expect(source.contains("public struct Order: ContractCall"))
        #expect(source.contains("public let o: Order2\n"))
        #expect(source.contains("public let o: Order3\n"))
        #expect(source.contains("public init(a: Bool, a2: Bool)"))
    }

    @Test func whatIsNoABIIsRefused() {
        #expect(throws: JSONError.self) { try generate("[") }
        #expect(throws: ABIError.json(pointer: "/0/name", expected: "a name", got: "nothing")) {
            try generate(#"[{"type":"event"}]"#)
        }
    }
}
