public import JSON
internal import CZlib
internal import Foundation

extension Vectors {
    /// The vectors of a file that is packed by zlib, such as `chain/receipts.json.z`; at most 1 MiB unpacked.
    public static func loadPacked(_ name: String) throws -> JSONValue {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/\(name)")
        let packed = Array(try Data(contentsOf: file))
        var output = [UInt8](repeating: 0, count: 1 << 20)
        var length = uLongf(output.count)
        // SAFETY: both buffers are as long as zlib is told.
        let status = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe packed.withUnsafeBufferPointer { packed in
                unsafe uncompress(output.baseAddress, &length, packed.baseAddress, uLong(packed.count))
            }
        }
        guard status == Z_OK else { throw VectorError(description: "\(name) is no zlib stream of at most 1 MiB") }
        return try JSONValue(parsing: Array(output[..<Int(length)]))
    }
}
