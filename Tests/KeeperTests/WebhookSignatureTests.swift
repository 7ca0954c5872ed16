import Testing

@testable import Keeper

@Suite struct WebhookSignatureTests {
    private let secret = Array("whsec_test".utf8)
    private let body = Array(#"{"seq":1}"#.utf8)
    private let time: UInt64 = 1_700_000_000
    private let code = "926c3c48823e4dc937cdb0992313bcbbc472579d779ab54f0d4e09e4049838aa"
    private var header: String { "t=1700000000,v1=\(code)" }

    private func verify(_ header: String, now: UInt64? = nil, body: [UInt8]? = nil, secrets: [[UInt8]]? = nil) throws {
        try WebhookSignature.verify(
            headerValue: header, body: body ?? self.body, secrets: secrets ?? [secret], now: now ?? time)
    }

    @Test func signsTimeAndBody() throws {
        #expect(WebhookSignature.headerValue(for: body, secrets: [secret], timestamp: time) == header)
        try verify(header)
    }

    @Test func aCodeOfTheBodyAloneIsRefused() {
        #expect(throws: SignatureError.mismatch) {
            try verify("t=1700000000,v1=aed4243f744669e9dc0e56866e00b300392734c47b4dd1302c312afcedd09297")
        }
    }

    @Test func clocksMayBeFiveMinutesApart() throws {
        try verify(header, now: time + 300)
        try verify(header, now: time - 300)
        #expect(throws: SignatureError.stale(age: 301, allowed: 300)) { try verify(header, now: time + 301) }
        #expect(throws: SignatureError.stale(age: -301, allowed: 300)) { try verify(header, now: time - 301) }
        #expect(throws: SignatureError.self) { try verify(header, now: .max) }
        #expect(throws: SignatureError.self) { try verify("t=18446744073709551615,v1=\(code)", now: 0) }
    }

    @Test func anythingChangedIsRefused() {
        #expect(throws: SignatureError.mismatch) { try verify(header, body: body + [0x20]) }
        #expect(throws: SignatureError.mismatch) { try verify(header, secrets: [Array("whsec_tesT".utf8)]) }
        #expect(throws: SignatureError.mismatch) { try verify(header, secrets: []) }
        #expect(throws: SignatureError.mismatch) { try verify("t=1700000001,v1=\(code)") }
        #expect(throws: SignatureError.mismatch) { try verify("t=1700000000,v1=\(code.dropLast())b") }
    }

    @Test func secretsChangeWithoutAGap() throws {
        let next = Array("whsec_next".utf8)
        let both = WebhookSignature.headerValue(for: body, secrets: [next, secret], timestamp: time)
        try verify(both, secrets: [secret])
        try verify(both, secrets: [next])
        try verify(both, secrets: [Array("other".utf8), next])
        try verify(header, secrets: [next, secret])
    }

    @Test func otherFormsAreMalformed() {
        let headers = [
            "", "t=1700000000", "v1=\(code)", "t=1700000000,v1=", "t=,v1=\(code)", "t=01700000000,v1=\(code)",
            "t=-1,v1=\(code)", "t=1700000000,v1=\(code.dropLast(2))", "t=1700000000,v1=\(code)00",
            "t=1700000000;v1=\(code)", "t=1700000000,v1=\(code),", "t=1700000000,t=1700000000,v1=\(code)",
            "t=1700000000, v1=\(code)", "t=1700000000,v0=\(code)", "t=18446744073709551616,v1=\(code)",
            "t=1700000000,v1=0x\(code.dropLast(2))", "t=1700000000" + String(repeating: ",v1=\(code)", count: 9),
            "t=1700000000,v1=" + String(repeating: "g", count: 64), String(repeating: "t", count: 5000),
        ]
        for header in headers {
            let error = #expect(throws: SignatureError.self) { try verify(header) }
            if case .malformed = error { continue }
            Issue.record("\(header)")
        }
    }
}
