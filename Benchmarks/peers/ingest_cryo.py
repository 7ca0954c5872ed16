"""The logs of a loopback node by cryo, in pages of 100 blocks and 8 in flight, into files of a folder that is left empty.

Usage: ingest_cryo.py URL FROM TO. Prints one JSON line with seconds, CPU and peak memory.
"""

import importlib.metadata
import json
import resource
import sys
import tempfile
import time

import cryo

URL, FROM, TO = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

with tempfile.TemporaryDirectory() as folder:
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    cryo.freeze(
        "logs", blocks=[f"{FROM}:{TO + 1}"], rpc=URL, network_name="loopback", inner_request_size=100,
        max_concurrent_requests=8, chunk_size=TO + 1 - FROM, contract=["0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2"],
        topic0=["0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"], output_dir=folder, verbose=False,
    )
    seconds = time.perf_counter() - began
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "peer": f"cryo {importlib.metadata.version('cryo')}", "seconds": round(seconds, 3),
            "cpuSeconds": round(usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime, 3),
            "peakMiB": usage.ru_maxrss // 1024,
        }
    )
)
