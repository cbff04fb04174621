"""What others will run elsewhere: as far as it can be checked where neither Docker nor Kubernetes is."""

import os
import shutil
import subprocess
from collections.abc import Iterable

import pytest

from shop.bus.handlers import handlers
from tests.deploy.manifests import DEPLOY, ROOT, compose, containers, kubernetes, procfile, queues_of, settings_read

QUEUES = sorted(
    {handler.queue for name, handler in handlers.items() if not name.startswith(("stage.", "test_", "tour."))}
)
SERVERS_OWN = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "PGOPTIONS"}

COMMANDS = {
    "compose.yaml": [each.get("command", []) for each in compose()["services"].values()],
    "Procfile": list(procfile().values()),
    "kubernetes.yaml": [each["command"] for each in containers("Deployment").values()],
}


@pytest.mark.parametrize("file", COMMANDS)
def test_every_queue_that_anybody_listens_at_has_one_worker(file: str) -> None:
    served = [queue for command in COMMANDS[file] for queue in queues_of(command)]

    assert sorted(served) == QUEUES


def _names(environments: Iterable[dict[str, str]]) -> set[str]:
    return {name for each in environments for name in each}


def test_every_setting_that_is_given_is_read() -> None:
    in_compose = _names(each.get("environment", {}) for each in compose()["services"].values())
    configured = next(each["data"] for each in kubernetes() if each["kind"] == "ConfigMap")
    workloads = [*containers("Deployment").values(), *containers("Job").values()]
    in_pods = {each["name"] for container in workloads for each in container.get("env", [])}

    assert in_compose | set(configured) | in_pods <= settings_read() | SERVERS_OWN


def test_the_image_has_all_code_and_nothing_that_is_ignored() -> None:
    copied = {
        word
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "handbook", "benchmarks"} <= copied
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_web_is_asked_for_itself_alone_and_the_workers_for_progress() -> None:
    pods = containers("Deployment")
    web = pods.pop("shop-web")

    assert web["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for worker in pods.values():
        progress = {"name": "PROGRESS_FILE", "value": "/tmp/progress"}  # noqa: S108 - in a container of its own
        assert progress in worker["env"]
        assert "find /tmp/progress" in worker["livenessProbe"]["exec"]["command"][-1]


def test_nobody_is_root_and_no_secret_stands_in_a_manifest() -> None:
    for container in [*containers("Deployment").values(), *containers("Job").values()]:
        assert container["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert {"secretRef": {"name": "shop"}} in container["envFrom"]
    assert not [each for each in kubernetes() if each["kind"] == "Secret"]


def test_migrations_run_before_new_pods_and_do_not_keep_customers_waiting() -> None:
    (job,) = [each for each in kubernetes() if each["kind"] == "Job"]
    (container,) = job["spec"]["template"]["spec"]["containers"]

    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert container["command"][-1] == "migrate"
    assert {"name": "PGOPTIONS", "value": "-c lock_timeout=5s"} in container["env"]


@pytest.fixture
def helm() -> str:
    found = os.environ.get("HELM") or shutil.which("helm")
    if not found:
        pytest.skip("helm is not installed: the chart is not rendered, what it last rendered is checked instead")
    return found


def test_the_chart_renders_what_stands_in_the_checkout(helm: str) -> None:
    chart = str(DEPLOY / "helm" / "shop")

    subprocess.run([helm, "lint", "--strict", chart], check=True, capture_output=True)
    rendered = subprocess.check_output([helm, "template", "shop", chart], text=True)

    assert rendered == (DEPLOY / "kubernetes.yaml").read_text()


def test_the_chart_scales_workers_by_what_is_due_in_their_queues(helm: str) -> None:
    wanted = ["--set", "autoscaling.enabled=true", "--set", "podMonitor.enabled=true"]

    rendered = subprocess.check_output([helm, "template", "shop", str(DEPLOY / "helm" / "shop"), *wanted], text=True)

    assert rendered.count("kind: ScaledObject") == len(QUEUES)
    assert 'query: sum(max by (queue) (shop_due{queue=~"payments.out"}))' in rendered
    assert "replicas: 1\n" not in rendered, "who scales must not be overruled by the next upgrade"


def test_every_setting_is_told_of_in_the_documents() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()

    assert sorted(name for name in settings_read() if f"`{name}`" not in operations) == []
