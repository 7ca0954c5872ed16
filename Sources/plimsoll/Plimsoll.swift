import ArgumentParser

@main
struct Plimsoll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plimsoll", abstract: "Shows which borrowers carry too much.",
        subcommands: [
            ScanCommand.self, WatchCommand.self, ServeCommand.self, PositionCommand.self, PlanCommand.self,
            OracleCommand.self, RiskCommand.self, DoctorCommand.self, DemoCommand.self, ABICommand.self,
            NetworksCommand.self, VerifyFeedCommand.self, ReplayWebhookCommand.self,
        ])

    static func main() async {
        await Program.main(Plimsoll.self)
    }
}
