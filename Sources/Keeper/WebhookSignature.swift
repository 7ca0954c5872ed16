internal import Crypto
internal import Ethereum
internal import Foundation

/// The code by which the receiver of a webhook knows that it comes from us and is not a copy of an old one.
///
/// The header is `t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of the time in decimal, a full stop and the
/// raw
/// body. A sender that changes its secret sends a v1 for each of the two.
public enum WebhookSignature {
    /// The name of the header with the code.
    public static let headerName = "X-Plimsoll-Signature"
    /// The name of the header with the time, unix seconds.
    public static let timestampHeaderName = "X-Plimsoll-Timestamp"
    /// How far the clocks may be apart, in seconds.
    public static let allowedSkew: Int64 = 300
    /// How many codes a header may carry: more than any change of secrets needs.
    static let maximumCodes = 8

    /// The value of the header, with one code for each secret.
    ///
    /// - Parameter timestamp: unix seconds.
    public static func headerValue(for body: [UInt8], secrets: [[UInt8]], timestamp: UInt64) -> String {
        let codes = secrets.map { ",v1=\(hex(code(of: body, secret: $0, timestamp: timestamp)))" }
        return "t=\(timestamp)\(codes.joined())"
    }

    /// Checks a header against the body as received, before anything of it is parsed.
    ///
    /// - Parameters:
    ///   - secrets: any of them may have made any of the codes.
    ///   - now: unix seconds.
    /// - Throws: `.malformed`; `.stale`; `.mismatch`.
    public static func verify(
        headerValue: String, body: [UInt8], secrets: [[UInt8]], now: UInt64, allowedSkew: Int64 = allowedSkew
    ) throws(SignatureError) {
        let header = try Header(headerValue)
        let age = Int64(clamping: now).subtractingReportingOverflow(Int64(clamping: header.timestamp)).partialValue
        guard age.magnitude <= allowedSkew.magnitude else { throw .stale(age: age, allowed: allowedSkew) }
        let message = signed(body, timestamp: header.timestamp)
        var isValid = false
        for secret in secrets {
            let key = SymmetricKey(data: secret)
            for code in header.codes {
                // Every code is compared, in constant time, so that the time taken says nothing.
                let matches = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key)
                isValid = matches || isValid
            }
        }
        guard isValid else { throw .mismatch }
    }

    /// The code of a body, 32 bytes.
    static func code(of body: [UInt8], secret: [UInt8], timestamp: UInt64) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: signed(body, timestamp: timestamp), using: SymmetricKey(data: secret)))
    }

    private static func signed(_ body: [UInt8], timestamp: UInt64) -> [UInt8] {
        Array("\(timestamp).".utf8) + body
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        Hex.append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The header, taken apart.
    private struct Header {
        let timestamp: UInt64
        let codes: [[UInt8]]

        init(_ text: String) throws(SignatureError) {
            let form = SignatureError.malformed(expected: "t=<unix seconds>,v1=<64 hex digits>")
            guard text.utf8.count <= 1024 else { throw form }
            var timestamp: UInt64?
            var codes: [[UInt8]] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                if part.hasPrefix("t=") {
                    guard timestamp == nil, let time = UInt256(decimal: part.dropFirst(2))?.asUInt64(),
                        String(time) == part.dropFirst(2)
                    else { throw form }
                    timestamp = time
                } else if part.hasPrefix("v1=") {
                    guard part.utf8.count == 67, codes.count < maximumCodes else { throw form }
                    do { codes.append(try Hex.decode(part.dropFirst(3))) } catch { throw form }
                    guard codes.last?.count == 32 else { throw form }
                } else {
                    throw form
                }
            }
            guard let timestamp, !codes.isEmpty else { throw form }
            self.timestamp = timestamp
            self.codes = codes
        }
    }
}
