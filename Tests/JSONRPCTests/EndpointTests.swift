@testable import JSONRPC
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("https://eth.example/v2/KEY", "eth.example"), ("HTTPS://ETH.Example:8443", "eth.example:8443"),
        ("http://user:pass@127.0.0.1:8545/", "127.0.0.1:8545"), ("http://[::1]:8545", "[::1]:8545"),
        ("https://a@b@host.example?key=1", "host.example"), ("https://host_1.example#frag", "host_1.example"),
    ])
    func nameIsTheHost(_ url: String, _ name: String) throws {
        let endpoint = try Endpoint(url: url)
        #expect(endpoint.name == name)
        #expect("\(endpoint)" == name)
        #expect(String(reflecting: endpoint) == name)
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!dumped.contains("KEY") && !dumped.contains("pass"))
    }

    @Test(arguments: [
        "", "eth.example", "ftp://host", "file:///etc/passwd", "https://", "https:///path", "https://user@",
        "https://host:0",
        "https://host:65536", "https://host:80a", "https://ho st", "https://ho\nst", "https://host\\@evil",
        "https://hö.example",
        "https://host%2f", "https://[::1", "https://[]", "https://[::1]8545",
        "https://" + String(repeating: "a", count: 2_048),
    ])
    func refuses(_ url: String) {
        #expect(throws: RPCError.self) { try Endpoint(url: url) }
    }

    @Test func refusalDoesNotRepeatTheURL() {
        do {
            _ = try Endpoint(url: "ftp://user:hunter22@host/KEY")
        } catch {
            #expect(!"\(error)".contains("hunter22") && !"\(error)".contains("KEY"))
        }
    }

    @Test func credentialsLeaveTheURL() throws {
        let endpoint = try Endpoint(url: "https://us%40er:p%3Ass@host/path?q=1#fragment")
        #expect(endpoint.url == "https://host/path?q=1")
        #expect(endpoint.user == "us@er")
        #expect(endpoint.password == "p:ss")
    }

    private static let local = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 [::1] [fd00::1] localhost node.localhost"
        .split(separator: " ")
    private static let open = "8.8.8.8 172.32.0.1 10.example 127.0.0.1.example [2606:4700::1] eth.example".split(
        separator: " ")

    @Test(arguments: local)
    func namesThisMachine(_ host: Substring) throws {
        let endpoint = try Endpoint(url: "https://\(host)")
        #expect(endpoint.isPrivate)
        #expect(endpoint.refusal(isPublic: false, isNowhere: false) == nil)
        #expect(endpoint.refusal(isPublic: true, isNowhere: false) != nil)
    }

    @Test(arguments: open)
    func namesThePublic(_ host: Substring) throws {
        let endpoint = try Endpoint(url: "https://\(host)")
        #expect(!endpoint.isPrivate)
        #expect(endpoint.refusal(isPublic: true, isNowhere: false) == nil)
        // Rebinding: a public name that leads inside.
        #expect(endpoint.refusal(isPublic: false, isNowhere: false) != nil)
    }

    @Test(arguments: local + open)
    func plainHTTPReachesThisMachineOnly(_ host: Substring) throws {
        let endpoint = try Endpoint(url: "http://\(host)")
        #expect(endpoint.refusal(isPublic: false, isNowhere: false) == nil)
        #expect(endpoint.refusal(isPublic: true, isNowhere: false) != nil)
    }

    @Test func itsUserMayAllowMore() throws {
        for url in ["http://8.8.8.8", "https://eth.example", "https://127.0.0.1"] {
            let endpoint = try Endpoint(url: url, reach: .unrestricted)
            #expect(endpoint.refusal(isPublic: true, isNowhere: false) == nil)
            #expect(endpoint.refusal(isPublic: false, isNowhere: false) == nil)
            #expect(endpoint.refusal(isPublic: false, isNowhere: true) != nil)
        }
    }
}
