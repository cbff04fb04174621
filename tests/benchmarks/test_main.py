import json
import subprocess
import sys
from pathlib import Path

from tests.runner.conftest import CHECKOUT, without_servers


def test_a_short_run_starts_the_shop_measures_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    results = tmp_path / "results.json"

    command = [sys.executable, "-m", "benchmarks", "--quick", "--seconds", "1", "--only", "rush", "--out", str(results)]
    environment = without_servers() | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, check=True)

    told = json.loads(results.read_text())
    assert [row["verdict"] for row in told["rows"]] == ["aim"]
    assert "sold too many or too few" in done.stdout
    assert results.with_suffix(".svg").exists()
    assert not list(tmp_path.glob("shop-bench-*"))
