import Ethereum

/// A page as a node writes it: 100 blocks, 5 to 50 logs a block, 870 bytes a log.
enum IngestPage {
    static let logs = 2_750

    /// The body of an answer.
    static let body: [UInt8] = {
        var text = #"{"jsonrpc":"2.0","id":1,"result":["#
        var random: UInt64 = 1
        func digits() -> String {
            (0..<4).map { _ in
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let word = String(random, radix: 16)
                return String(repeating: "0", count: 16 - word.count) + word
            }.joined()
        }
        var block = ""
        for index in 0..<logs {
            if index % 27 == 0 { block = digits() }
            let word = digits()
            text += index == 0 ? "{" : ",{"
            text += #""address":"\#(Ingest.pool.hex)","topics":["\#(Ingest.borrow.hex)","0x\#(word)","0x\#(digits())","#
            text += #""0x\#(digits())"],"data":"0x\#(digits())\#(digits())\#(word)\#(digits())","#
            text +=
                #""blockNumber":"\#(Hex.quantity(UInt64(0x20_0000 + index / 27)))","transactionHash":"0x\#(digits())","#
            text += #""transactionIndex":"\#(Hex.quantity(UInt64(index % 27)))","blockHash":"0x\#(block)","#
            text += #""logIndex":"\#(Hex.quantity(UInt64(index % 27)))","removed":false}"#
        }
        return Array((text + "]}").utf8)
    }()
}
