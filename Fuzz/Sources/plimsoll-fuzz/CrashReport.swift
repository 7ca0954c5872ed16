import Glibc

/// Says which input the program died of.
enum CrashReport {
    // SAFETY: written by the one fuzzing task, read by the handler when that task has stopped for good.
    nonisolated(unsafe) private static var current: UInt64 = 0
    // SAFETY: as `current`.
    nonisolated(unsafe) private static var isInstalled = false

    /// Names the input that comes next.
    static func begin(_ input: UInt64) { unsafe current = input }

    /// Reports the input on stderr when a signal ends the program.
    static func install() {
        guard unsafe !isInstalled else { return }
        unsafe isInstalled = true
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            _ = signal(number) { number in
                CrashReport.write("\ncrashed at input ")
                CrashReport.write(unsafe CrashReport.current)
                CrashReport.write(": run again with --from and that number, --iterations 1\n")
                _ = signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Memory beyond `bytes` ends the program: an allocation sized by an input cannot hide.
    static func limitMemory(_ bytes: UInt64) {
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        // SAFETY: the structure lives through the call.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }

    /// The most memory that the program ever held, in MiB.
    static var peakMemory: Int {
        var usage = rusage()
        // SAFETY: the structure lives through the call.
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }

    /// Without allocation, as a signal handler must.
    private static func write(_ text: StaticString) {
        // SAFETY: a static string's bytes never move.
        _ = unsafe Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func write(_ number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            var digit = UInt8(0x30 + number / divisor % 10)
            // SAFETY: one byte that lives through the call.
            _ = unsafe Glibc.write(STDERR_FILENO, &digit, 1)
            divisor /= 10
        }
    }
}
