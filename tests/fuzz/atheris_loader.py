"""Bytes at random, as files of definitions: `python tests/fuzz/atheris_loader.py -max_total_time=300`."""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["kpiascode"]):
    from targets import load_bytes

if __name__ == "__main__":
    atheris.Setup(sys.argv, load_bytes)
    atheris.Fuzz()
