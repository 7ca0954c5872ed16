internal import CZlib

/// zlib streams with a bound on what they may become.
enum Deflate {
    /// Compresses, with the highest effort.
    static func compress(_ bytes: [UInt8]) throws(RPCError) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(count))
        // SAFETY: both buffers are as long as zlib is told.
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe compress2(output.baseAddress, &count, input.baseAddress, UInt(input.count), 9)
            }
        }
        guard status == Z_OK else { throw .transcript("zlib refuses to compress it (\(status))") }
        return Array(output[..<Int(count)])
    }

    /// Decompresses a whole stream of at most `limit` bytes; memory grows with what comes out, not with what is claimed.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(RPCError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe inflateInit_(&stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .transcript("zlib cannot be initialised")
        }
        defer { unsafe inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var input = bytes
        var status = Z_OK
        // SAFETY: the input outlives the loop, and the chunk is as long as zlib is told.
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(clamping: input.count)
            repeat {
                let room = chunk.count
                unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                    unsafe stream.next_out = chunk.baseAddress
                    unsafe stream.avail_out = UInt32(room)
                    status = unsafe inflate(&stream, Z_NO_FLUSH)
                }
                output += unsafe chunk[..<(room - Int(stream.avail_out))]
            } while status == Z_OK && output.count <= limit
        }
        guard output.count <= limit else { throw .transcript("it holds more than \(limit) bytes") }
        guard status == Z_STREAM_END else { throw .transcript("it is damaged or cut short") }
        return output
    }
}
