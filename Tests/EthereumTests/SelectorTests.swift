import Ethereum
import Testing

@Suite struct SelectorTests {
    @Test(
        arguments: [
            ("transfer(address,uint256)", 0xa905_9cbb),
            ("liquidationCall(address,address,address,uint256,bool)", 0x00a7_18a9),
            ("liquidate((address,address,address,address,uint256),address,uint256,uint256,bytes)", 0xd8ea_bcb8),
            ("liquidateBorrow(address,uint256,address)", 0xf5e3_c462),
            ("absorb(address,address[])", 0xc3ce_cfd2),
            ("bark(bytes32,address,address)", 0xed99_8908),
            ("batchLiquidateTroves(uint256[])", 0xef49_a6b4),
            ("transmitSecondary(bytes32[3],bytes,bytes32[],bytes32[],bytes32)", 0xba0c_b29e),
        ] as [(String, Selector)])
    func signatures(signature: String, selector: Selector) {
        #expect(Selector(signature: signature) == selector)
    }

    @Test func formsGoRound() {
        let selector: Selector = 0x00a7_18a9
        #expect(selector.hex == "0x00a718a9")
        #expect(selector.bytes == [0x00, 0xA7, 0x18, 0xA9])
        #expect(Selector(bytes: selector.bytes) == selector)
        #expect(Selector(hex: "00A718A9") == selector)
        #expect(Selector(hex: "0x00a718") == nil)
        #expect(Selector(bytes: [0, 1, 2, 3, 4]) == nil)
    }
}
