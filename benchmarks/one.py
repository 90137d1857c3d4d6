"""One benchmark in this process: `python -m benchmarks.one NAME [SIZE]` writes its rows as JSON to the last line."""

from __future__ import annotations

import json
import sys
from typing import cast

from benchmarks.catalogue import benchmark
from benchmarks.row import Size


def main() -> None:
    name, size = sys.argv[1], cast("Size", sys.argv[2] if len(sys.argv) > 2 else "default")
    rows = [row.as_dict() for row in benchmark(name)(size)]
    print(f"\n{json.dumps(rows, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
