"""Recomputes the hash chain of an export, with nothing but Python's own hashlib.

Reads JSON lines from the standard input. For each population it prints its name, how many entries
it has and its last hash. Exits 1 at the first entry whose number or hash does not follow from those
before.
"""

import base64
import hashlib
import json
import sys


def main():
    chains = {}
    for line in sys.stdin:
        entry = json.loads(line)
        name = entry["population"]
        first = (0, hashlib.sha256(b"purser/1/" + name.encode()).digest())
        sequence, digest = chains.get(name, first)
        sequence += 1
        digest = hashlib.sha256(digest + base64.b64decode(entry["stored"])).digest()
        if entry["sequence"] != sequence or entry["hash"] != digest.hex():
            sys.exit("%s: entry %d does not follow" % (name, sequence))
        chains[name] = (sequence, digest)
    for name, (sequence, digest) in sorted(chains.items()):
        print(name, sequence, digest.hex())


if __name__ == "__main__":
    main()
