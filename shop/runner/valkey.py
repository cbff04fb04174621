"""The embedded Valkey: the wheel's own program, on loopback. It keeps nothing: bells may be lost."""

from shop.runner.children import Child
from shop.runner.home import Home
from shop.runner.programs import bare_environment, valkey_server


def url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def server(home: Home, port: int, password: str) -> Child:
    """The server as a child. The password stands in a file, since everybody can read a command line."""
    settings = [
        "bind 127.0.0.1",
        "protected-mode yes",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "daemonize no",
        'logfile ""',
        "loglevel warning",
    ]
    file = home.write_private("valkey.conf", "\n".join(settings), reader=home.account)
    return Child(
        name="valkey",
        command=(valkey_server(home), file),
        environment=bare_environment(home),
        folder=home.state,
        account=home.account,
        patience=5,
    )
