extension Detector {
    /// D14: a sequencer that is down or came back lately, and a head that is old.
    ///
    /// The flag is written by the first transaction after an outage: while it lasts, the age of the head tells.
    static func d14(_ input: DetectorInput) -> [Finding] {
        let id = "sequencer"
        var found: [Finding] = []
        if let age = input.window.tick.headAge, age > input.thresholds.headAge {
            found.append(
                Finding(
                    .sequencer, "headAge", id, severity: 3, Double(age), over: Double(input.thresholds.headAge), "s",
                    .sequencerDown, alone: true, "the chain's last block is \(age) s old"))
        }
        guard let state = input.window.tick.sequencer else { return found }
        let since = input.now > state.startedAt ? input.now - state.startedAt : 0
        switch state.isDown {
        case nil:
            found.append(
                Finding(
                    .sequencer, "unread", id, severity: 2, 0, over: 0, "s", .sequencerDown,
                    "whether the sequencer is up could not be read"))
        case _ where state.startedAt == 0:
            found.append(
                Finding(
                    .sequencer, "invalid", id, severity: 3, 0, over: 0, "s", .sequencerDown, alone: true,
                    "the sequencer's feed has never been set"))
        case true?:
            found.append(
                Finding(
                    .sequencer, "down", id, severity: 3, Double(since), over: 0, "s", .sequencerDown, alone: true,
                    "the sequencer has been down for \(since) s"))
        case false? where since <= input.thresholds.sequencerGrace:
            found.append(
                Finding(
                    .sequencer, "grace", id, severity: 3, Double(since), over: Double(input.thresholds.sequencerGrace),
                    "s", .sequencerGrace, alone: true, "the sequencer came back \(since) s ago"))
        case false?: break
        }
        return found
    }
}
