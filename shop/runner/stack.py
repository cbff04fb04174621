"""The whole stack: what is started in which order, and in what environment."""

import http.client
import os
from collections.abc import Sequence
from pathlib import Path

from shop.runner import ports, processes, servers
from shop.runner.home import Home, Refusal, claimed, tell_environment
from shop.runner.keys import Keys, keys_of
from shop.runner.migrations import are_applied
from shop.runner.supervisor import Stopped, Supervisor
from shop.runner.watch import say, style

_WEB_PATIENCE = 60.0  # seconds


def run(home: Home, checkout: Path, *, port: int, seed: bool) -> None:
    """Run the stack until it is asked to stop. Raises `Refusal` if it cannot start."""
    url = f"http://{ports.LOOPBACK}:{port}"
    play = _is_for_play()
    home.make()
    with claimed(home, url), Supervisor() as supervisor:
        ports.check(port)
        try:
            environment = _start_servers(supervisor, home, play=play)
            accounts = _start_processes(supervisor, home, checkout, environment, port, seed=seed and play)
            _greet(url, accounts, play=play)
            while True:
                supervisor.turn()
        except Stopped:
            say("shop", "stopping")


def _start_servers(supervisor: Supervisor, home: Home, *, play: bool) -> dict[str, str]:
    """The servers that are ours; then the environment in which all that follows is run."""
    keys = keys_of(home)
    made = servers.start(supervisor, home, keys)
    if play:
        made |= _play(keys)
    tell_environment(home, made)
    return _given() | made | {"SHOP_HOME": str(home.folder), "LOG_FORMAT": style()}


def _start_processes(
    supervisor: Supervisor, home: Home, checkout: Path, environment: dict[str, str], port: int, *, seed: bool
) -> Sequence[str]:
    """Web and workers, on a database that is complete: whom the web answers may log in. What the seed said."""
    if not are_applied(environment["DATABASE_URL"]):
        supervisor.run(processes.command("migrate", checkout, environment))
    accounts = _seed(supervisor, home, checkout, environment) if seed else ()
    supervisor.start(processes.web(checkout, environment, port))
    if not supervisor.turn_until(lambda: _answers(port), within=_WEB_PATIENCE):
        raise Refusal("The web process does not answer; what it said is above.")
    supervisor.start(*processes.workers(checkout, environment))  # last: it is the web that somebody waits for
    return accounts


def _is_for_play() -> bool:
    """Whether everything is ours: only then are there demo accounts, and a mailbox that everybody may read."""
    given = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} & os.environ.keys()
    if given and "SECRET_KEY" not in given:
        raise Refusal(f"{' and '.join(sorted(given))} given, so this is no stack to play with: set SECRET_KEY too.")
    return not given


def _play(keys: Keys) -> dict[str, str]:
    mailbox = os.environ.get("EMAIL_BACKEND", "notifications.channels.mailbox.MailboxBackend")
    secrets = {
        "SECRET_KEY": keys.secret_key,
        "JWT_KEY": keys.jwt_key,
        "OIDC_PRIVATE_KEY": keys.oidc_private_key,
    }
    return secrets | {"DEVELOPMENT": "1", "EMAIL_BACKEND": mailbox}


def _given() -> dict[str, str]:
    """Our own environment. But DEVELOPMENT cannot be given, see `_is_for_play`, and each program names its own role."""
    return {name: value for name, value in os.environ.items() if name not in {"DEVELOPMENT", "SHOP_ROLE"}}


def _seed(supervisor: Supervisor, home: Home, checkout: Path, environment: dict[str, str]) -> Sequence[str]:
    """Make the demo data, once; what the seed said when it did."""
    seeded = home.state / "seeded.txt"
    if seeded.exists():
        return seeded.read_text().splitlines()
    accounts = supervisor.run(processes.command("seed", checkout, environment))
    home.write_private(seeded.name, "\n".join(accounts))
    return accounts


def _answers(port: int) -> bool:
    """Whether the web answers, anything at all; the port alone is open before it is ready."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _greet(url: str, accounts: Sequence[str], *, play: bool) -> None:
    places = [f"Shop      {url}", f"API docs  {url}/api/docs", f"admin     {url}/admin/"]
    lines = [*places, *([f"mailbox   {url}/dev/mailbox"] if play else ()), *accounts]
    if style() == "json":
        for line in lines:
            say("shop", line)
    else:
        print("", *(f"  {line}" for line in lines), "", "  Ctrl-C stops it.\n", sep="\n", flush=True)
