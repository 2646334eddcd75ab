"""Small changes of sound documents, through `kpi check`: `python tests/fuzz/atheris_check.py -max_total_time=300`."""

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["kpiascode"]):
    from documents import project, sound_documents, written
    from targets import check, mutate

MOST = 6


class Choices:
    def __init__(self, source: atheris.FuzzedDataProvider) -> None:
        self._source = source

    def pick(self, count: int) -> int:
        return self._source.ConsumeIntInRange(0, count - 1)

    def text(self) -> str:
        return self._source.ConsumeUnicodeNoSurrogates(self.pick(20))


def one(data: bytes) -> None:
    source = atheris.FuzzedDataProvider(data)
    choices, documents = Choices(source), sound_documents()
    for _ in range(1 + choices.pick(MOST)):
        mutate(documents, choices)
    check(written(documents, FOLDER))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = project(Path(folder))
        # An input is a row of choices: short ones change next to nothing.
        atheris.Setup([sys.argv[0], "-len_control=0", "-max_len=300", *sys.argv[1:]], one)
        atheris.Fuzz()
