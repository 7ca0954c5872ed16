import ABI
import Bindings
import Ethereum
import Testing
import TestSupport

/// Generated code against the general codec: two ways to the same bytes.
@Suite struct BindingsTests {
    private let order = Sample.Order(
        id: 7, legs: [Sample.Leg(to: .zero, amount: -3), Sample.Leg(to: Address(word: 9), amount: 4)], memo: "é")
    private let types =
        "(uint256 id,(address to,int128 amount)[] legs,string memo)[2][] orders,uint16[2][3] grid,string[2] names,(bool a,bytes3 b) pair"

    private func values() throws -> [ABIValue] {
        let order = ABIValue.tuple([
            .uint(7), .array([.tuple([.address(.zero), .int(-3)]), .tuple([.address(Address(word: 9)), .int(4)])]),
            .string("é"),
        ])
        return [
            .array([.array([order, order])]),
            .array([.array([.uint(1), .uint(2)]), .array([.uint(3), .uint(4)]), .array([.uint(5), .uint(65535)])]),
            .array([.string("x"), .string("")]),
            .tuple([.bool(true), .fixedBytes(try #require(FixedBytes(bytes: [1, 2, 3])))]),
        ]
    }

    @Test func nestedArgumentsEncodeAsTheGeneralCodecDoes() throws {
        let call = Sample.SET_ALL(
            orders: [[order, order]], grid: [[1, 2], [3, 4], [5, 65535]], names: ["x", ""],
            pair: Sample.SetAllPair(a: true, b: try #require(FixedBytes(bytes: [1, 2, 3]))))
        let function = FunctionSignature(name: "SET_ALL", inputs: try ABIType.list(parsing: types))
        #expect(Sample.SetAll.selector == function.selector && Sample.SetAll.signature == function.canonical)
        #expect(call.encode() == (try function.encode(values())))
        #expect(Sample.SetAll.returnLength == 0)
    }

    @Test func nestedOutputsDecode() throws {
        let data = try ABICoder.encode(values(), as: ABIType.list(parsing: types).map(\.type))
        let output = try Sample.All.decode(data)
        #expect(output.orders == [[order, order]])
        #expect(output.grid == [[1, 2], [3, 4], [5, 65535]])
        #expect(output.names == ["x", ""])
        #expect(output.pair.b.bytes == [1, 2, 3])
        for count in 0..<data.count {
            #expect(throws: ABIError.self) { try Sample.All.decode(Array(data[..<count])) }
        }
        for word in stride(from: 0, to: data.count, by: 32) {
            var hostile = data
            hostile.replaceSubrange(word..<word + 32, with: repeatElement(0xff, count: 32))
            // All ones are a value of no type here but uint256 and int128, and the length of nothing.
            let output: Sample.All.Output
            do { output = try Sample.All.decode(hostile) } catch { continue }
            #expect(output.orders.joined().contains { $0.id == .max || $0.legs.contains { $0.amount == -1 } })
        }
    }

    @Test(arguments: Seed.sweep(30))
    func generatedAndGeneralDecodersAgree(seed: Seed) throws {
        var random = RandomABI(seed)
        let list = try ABIType.list(parsing: types).map(\.type)
        let data = try ABICoder.encode(list.map { random.value($0) }, as: list)
        for _ in 0..<20 {
            var mutant = data
            mutant[random.pick(0...(data.count - 1)) | 31] = UInt8(random.pick(0...7) * 32)
            var general: ABIError?
            var generated: ABIError?
            do { _ = try ABICoder.decode(mutant, as: list) } catch { general = error }
            do { _ = try Sample.All.decode(mutant) } catch { generated = error }
            #expect(general == generated)
        }
    }

    @Test func singleValuesAndUnnamedOutputs() throws {
        #expect(Sample.get(5).encode() == Sample.Get.selector.bytes + (try words("5")))
        #expect(try Sample.Get.decode(words("ff")) == 255)
        #expect(throws: ABIError.range(at: 0, word: 256, type: "uint8")) { try Sample.Get.decode(words("100")) }
        #expect(throws: ABIError.truncated(at: 0, needed: 32, have: 0)) { try Sample.Get.decode([]) }
        let output = try Sample.GetAddressBytes4.decode(words(String(repeating: "f", count: 64), "2"))
        #expect(output.self_ == -1 && output._1 == Hash32(word: 2))
    }

    @Test func events() throws {
        let key = Keccak256.hash("key".utf8)
        let topics = [Sample.PutEvent.topic0, key, Hash32(word: .max)]
        let event = try Sample.PutEvent(topics: topics, data: words("20", "2", "beef…"))
        #expect(event == Sample.PutEvent(key: key, value: [0xbe, 0xef], delta: -1))
        #expect(throws: ABIError.topicCount(signature: Sample.PutEvent.signature, expected: 3, got: 2)) {
            try Sample.PutEvent(topics: Array(topics.prefix(2)), data: [])
        }
        #expect(throws: ABIError.range(at: 64, word: UInt256.one << 63, type: "int64")) {
            try Sample.PutEvent(topics: [topics[0], key, Hash32(word: UInt256.one << 63)], data: words("20", "0"))
        }
        let note = try Sample.NoteEvent(topics: [Hash32(word: UInt256(UInt64(0xaabb_ccdd)) << 224)], data: words("9"))
        #expect(note.sig.hex == "0xaabbccdd" && note._1 == 9)
    }

    @Test func errors() throws {
        #expect(throws: Never.self) { try Sample.DeniedError(revertData: Sample.DeniedError.selector.bytes) }
        let data = Sample.ShortError.selector.bytes + (try words("3", "40", "2", "6e6f…"))
        #expect(try Sample.ShortError(revertData: data) == Sample.ShortError(by: 3, why: "no"))
        #expect(throws: ABIError.self) { try Sample.ShortError(revertData: Sample.DeniedError.selector.bytes) }
    }

    @Test func multicall() throws {
        let call = Multicall3.aggregate3([
            Multicall3.Call3(target: Address(word: 5), allowFailure: true, callData: [1, 2, 3, 4])
        ])
        #expect(
            call.encode() == [0x82, 0xad, 0x56, 0xcb]
                + (try words("20", "1", "20", "5", "1", "60", "4", "01020304…")))
        let results = try Multicall3.Aggregate3.decode(
            words("20", "2", "40", "a0", "0", "40", "0", "1", "40", "20", "2a"))
        #expect(results.map(\.success) == [false, true])
        #expect(results[1].returnData == (try words("2a")))
    }

    @Test func aaveAccountData() throws {
        #expect(AavePool.GetUserAccountData.returnLength == 192)
        let data = try AavePool.GetUserAccountData.decode(words("1", "2", "3", "4", "5", "6"))
        #expect(data.totalCollateralBase == 1 && data.totalDebtBase == 2 && data.ltv == 5 && data.healthFactor == 6)
        #expect(AavePool.GetReserveData.returnLength == 480)
    }

    @Test(
        arguments: [
            (AavePool.GetReserveData.selector, 0x35ea_6a75),
            (AavePool.GetUserConfiguration.selector, 0x4417_a583),
            (AavePool.LiquidationCall.selector, 0x00a7_18a9), (AavePool.GetEModeCategoryData.selector, 0x6c6f_6ae1),
            (AaveOracle.GetAssetsPrices.selector, 0x9d23_d9f2),
            (AavePoolAddressesProvider.GetPriceOracle.selector, 0xfca5_13a8),
            (AaveToken.ScaledBalanceOf.selector, 0x1da2_4f3e), (ERC20.Decimals.selector, 0x313c_e567),
        ] as [(Selector, UInt32)])
    func selectorsOfTheContracts(selector: Selector, expected: UInt32) {
        #expect(selector == Selector(expected))
    }

    @Test func topicsOfThePool() {
        #expect(AavePool.BorrowEvent.topic0.hex == "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")
        #expect(
            AavePool.LiquidationCallEvent.topic0.hex
                == "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286")
    }
}
