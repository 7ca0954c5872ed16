internal import CZlib

/// Packs a zlib stream piece by piece.
///
/// SAFETY: the stream lives at one address, as zlib requires, from `init` to `deinit`, and only this object touches it.
@safe
final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private var chunk = [UInt8](repeating: 0, count: 256 << 10)
    private var output: [UInt8] = []

    init() throws(RPCError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe deflateInit_(stream, 9, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .transcript("zlib cannot be initialised")
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func append(_ bytes: [UInt8]) throws(RPCError) {
        guard try run(bytes, Z_NO_FLUSH) == Z_OK || bytes.isEmpty else { throw .transcript("zlib refuses to pack it") }
    }

    /// The whole stream.
    func finish() throws(RPCError) -> [UInt8] {
        guard try run([], Z_FINISH) == Z_STREAM_END else { throw .transcript("zlib refuses to pack it") }
        return output
    }

    private func run(_ bytes: [UInt8], _ flush: Int32) throws(RPCError) -> Int32 {
        guard bytes.count <= Int(UInt32.max) else { throw .transcript("one exchange is larger than 4 GiB") }
        var input = bytes
        var status = Z_OK
        // SAFETY: both buffers outlive the calls that see them, and are as long as zlib is told.
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = UInt32(input.count)
            repeat {
                unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                    unsafe stream.pointee.next_out = chunk.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(chunk.count)
                    status = unsafe deflate(stream, flush)
                }
                output += unsafe chunk[..<(chunk.count - Int(stream.pointee.avail_out))]
            } while unsafe status == Z_OK && stream.pointee.avail_out == 0
        }
        return status
    }
}

/// Unpacks a zlib stream piece by piece; memory grows with what comes out, not with what is claimed.
///
/// SAFETY: as for ``Deflater``.
@safe
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let bytes: [UInt8]
    private var offset = 0
    private var produced = 0
    private let limit: Int
    private var isAtEnd = false

    /// - Parameter limit: largest size when unpacked, in bytes.
    init(_ bytes: [UInt8], limit: Int) throws(RPCError) {
        self.bytes = bytes
        self.limit = limit
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe inflateInit_(stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .transcript("zlib cannot be initialised")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The next piece, at most 256 KiB; nil at the end of the stream.
    func next() throws(RPCError) -> [UInt8]? {
        guard !isAtEnd else { return nil }
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let taken = min(bytes.count - offset, 1 << 20)
        var status = Z_OK
        // SAFETY: both buffers outlive the call that sees them, and are as long as zlib is told; zlib only reads its
        // input.
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress.map { unsafe $0 + offset })
                unsafe stream.pointee.avail_in = UInt32(taken)
                unsafe stream.pointee.next_out = chunk.baseAddress
                unsafe stream.pointee.avail_out = UInt32(chunk.count)
                status = unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        offset += unsafe taken - Int(stream.pointee.avail_in)
        chunk.removeLast(unsafe Int(stream.pointee.avail_out))
        produced += chunk.count
        guard produced <= limit else { throw .transcript("it holds more than \(limit) bytes") }
        guard status == Z_OK || status == Z_STREAM_END else { throw .transcript("it is damaged or cut short") }
        if status == Z_STREAM_END {
            isAtEnd = true
            guard offset == bytes.count else { throw .transcript("\(bytes.count - offset) bytes follow its end") }
        }
        return chunk
    }
}
