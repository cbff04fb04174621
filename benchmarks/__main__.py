"""`python -m benchmarks`: see the package. Exit 1 if anything was missed that must be reached."""

import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks import conditions, picture, report
from benchmarks.bench import Bench
from benchmarks.clients import Crowd
from benchmarks.experiments import EXPERIMENTS
from benchmarks.report import Results
from benchmarks.stage import staged

_RESULTS = Path(__file__).parent / "results.json"
_FIRST = time.monotonic()
_LAYOUTS = ("combined", "domains")


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us stops the stack
    options = _options()
    if options.spread:
        print(report.spread([report.read(file) for file in options.spread]))
        return 0
    earlier = report.read(options.compare) if options.compare else None
    results = measured(options)
    options.out.write_text(report.written(results))
    options.out.with_suffix(".svg").write_text(picture.drawn(results))
    print(report.table(results, earlier), f"written to {options.out}, and as a picture beside it", sep="\n\n")
    return 1 if any(row.verdict == "missed" for row in results.rows) else 0


def measured(options: Namespace) -> Results:
    began = time.monotonic()
    benches = [_on_a_stage(layout, options) for layout in options.layout]
    foreign = {f"{each.stage.layout}, {run}": share for each in benches for run, share in each.foreign.items()}
    return Results(
        conditions=conditions.now(seconds=time.monotonic() - began, foreign=foreign, by_key=options.keys),
        rows=[row for each in benches for row in each.rows],
        figures=[figure for each in benches for figure in each.figures],
    )


def _on_a_stage(layout: str, options: Namespace) -> Bench:
    with staged(layout) as stage:
        crowd = Crowd(stage, customers=200 if options.quick else 1000, by_key=options.keys)
        found = Bench(stage=stage, crowd=crowd, seconds=options.seconds, quick=options.quick, history=options.history)
        _say(f"{layout}: the stack is there")
        for name in options.only:
            for experiment in EXPERIMENTS[name]:
                _say(f"{layout}: {experiment.__name__.replace('_', ' ')}")
                experiment(found)
        _say(f"{layout}: the doctor")
        stage.run("manage.py", "doctor")
    return found


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description="What the shop can do, measured.")
    parser.add_argument("--quick", action="store_true", help="one layout of the workers, short runs")
    parser.add_argument("--seconds", type=float, help="how long orders are sent (10; quick: 3)")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS), metavar="EXPERIMENT")
    parser.add_argument("--layout", nargs="+", choices=_LAYOUTS, help="WORKERS=combined, or one worker per domain")
    parser.add_argument("--keys", action="store_true", help="customers have API keys instead of access tokens (JWT)")
    parser.add_argument("--history", type=int, default=0, metavar="ORDERS", help="write so many first, and compare")
    parser.add_argument("--spread", type=Path, nargs="+", metavar="FILE", help="only tell how far these results differ")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="earlier results to stand beside these")
    parser.add_argument("--out", type=Path, default=_RESULTS, help="where results are written (default: %(default)s)")
    options = parser.parse_args()
    options.seconds = options.seconds or (3.0 if options.quick else 10.0)
    options.layout = options.layout or (_LAYOUTS[:1] if options.quick else _LAYOUTS)
    return options


def _say(line: str) -> None:
    print(f"{time.monotonic() - _FIRST:6.1f} s  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
