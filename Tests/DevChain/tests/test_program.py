"""The program as its users run it: a process, a port, a first line."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Program(unittest.TestCase):
    def start(self, *options):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.network = Path(folder.name) / "net.json"
        command = [sys.executable, "-m", "devchain", "--quiet", "--exit-with-stdin", "--borrowers", "20", "--no-cache",
                   "--network-out", str(self.network), *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.info = json.loads(process.stdout.readline())
        self.port = int(self.info["rpc"].rsplit(":", 1)[1])
        return process

    def post(self, connection, body):
        connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse()

    def test_first_line_network_file_and_end(self):
        process = self.start("--rules", "3.0", "--seed", "3", "--chain-id", "4242")
        self.assertEqual(self.info["chainId"], 4242)
        self.assertEqual(self.info["rules"], "3.0")
        self.assertEqual(json.loads(self.network.read_text()), {
            "name": "devchain", "chainId": 4242, "blockTime": 12, "nativeSymbol": "ETH", "rpc": [self.info["rpc"]],
            "multicall3": self.info["multicall3"],
            "markets": [{"id": "core", "protocol": "aave-v3", "deployBlock": self.info["deployBlock"],
                         "contracts": {"poolAddressesProvider": self.info["poolAddressesProvider"]}}]})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        for i in range(3):  # one connection, kept alive
            answer = json.loads(self.post(connection, {"jsonrpc": "2.0", "id": i, "method": "eth_chainId"}).read())
            self.assertEqual(answer, {"jsonrpc": "2.0", "id": i, "result": "0x1092"})
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().status, 405)
        connection.close()
        process.stdin.close()
        self.assertEqual(process.wait(10), 0)

    def test_faults_on_the_wire_and_a_signal(self):
        process = self.start("--faults", '{"truncatedBody":1,"noMulticall":true}')
        self.assertIsNone(self.info["multicall3"])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with self.assertRaises(http.client.IncompleteRead):
            self.post(connection, {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}).read()
        process.terminate()
        self.assertEqual(process.wait(10), 0)

    def test_several_endpoints_from_the_command_line(self):
        process = self.start("--endpoints", "3", "--faults", '{"seed":5,"stringIds":true,"1":{"wrongChain":77},"2":{"staleHead":4}}')
        self.assertEqual((len(set(self.info["endpoints"])), self.info["endpoints"][0]), (3, self.info["rpc"]))
        self.assertEqual(json.loads(self.network.read_text())["rpc"], self.info["endpoints"])
        found = []
        for url in self.info["endpoints"]:
            connection = http.client.HTTPConnection("127.0.0.1", int(url.rsplit(":", 1)[1]), timeout=10)
            found.append([json.loads(self.post(connection, {"jsonrpc": "2.0", "id": 1, "method": m}).read())
                          for m in ("eth_chainId", "eth_blockNumber")])
            connection.close()
        self.assertEqual([c["result"] for c, _ in found], ["0x7a69", "0x4d", "0x7a69"])
        self.assertEqual([int(b["result"], 16) - self.info["head"] for _, b in found], [0, 0, -4])
        self.assertEqual({c["id"] for c, _ in found}, {"1"})
        process.terminate()
        self.assertEqual(process.wait(10), 0)

    def test_mistaken_faults_are_told_before_anything_is_served(self):
        for faults, text in (('{"typo":1}', "no such fault: typo"), ('{"3":{"errorRate":1}}', "no endpoint 3"), ('{"1":5}', "an object is needed")):
            done = subprocess.run([sys.executable, "-m", "devchain", "--quiet", "--borrowers", "1", "--no-cache", "--faults", faults],
                                  env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(text, done.stderr)

    def test_only_loopback(self):
        done = subprocess.run([sys.executable, "-m", "devchain", "--quiet", "--host", "0.0.0.0", "--borrowers", "1", "--no-cache"],
                              env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("only loopback", done.stderr)


if __name__ == "__main__":
    unittest.main()
