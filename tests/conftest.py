"""What the whole suite shares."""

from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import pytest

ROOT = Path(__file__).resolve().parent.parent


class PlainRoot:
    """Makes pytest take the repository's root for a folder and not for a package.

    The root holds theon's `__init__.py`. Taken for a package, it would be imported a second time, under the
    name of whatever folder the checkout stands in.
    """

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the root as a plain folder; leave all others to pytest."""
        return pytest.Dir.from_parent(parent, path=path) if path == ROOT else None


def pytest_configure(config: pytest.Config) -> None:
    """Register what has to hold for the root too: the hooks of a conftest reach only its own folder."""
    config.pluginmanager.register(PlainRoot(), "plain-root")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what the tests print to `tests/golden/`; read the difference before you commit it.

    `--optimized` compiles every program as users do, which takes the suite several times as long.
    """
    parser.addoption("--optimized", action="store_true", help="compile with all of XLA's passes, as users do")
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


@pytest.fixture(autouse=True)
def no_programs_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a long test compiled is given back: JAX keeps every program, and the slow part would not fit in memory."""
    yield
    if request.node.get_closest_marker("slow"):
        jax.clear_caches()


@pytest.fixture(autouse=True)
def compiled_quickly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Most programs here run once or twice: XLA spends no time on making them fast, but where it is `optimized`."""
    before = jax.config.read("jax_disable_most_optimizations")
    as_users_do = request.config.getoption("--optimized") or request.node.get_closest_marker("optimized")
    jax.config.update("jax_disable_most_optimizations", not as_users_do)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("name.txt", text)` holds a text against the file of that name in `tests/golden/`."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if update:
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"there is no tests/golden/{name} yet: make it with --update-golden, and read it"
        assert text == path.read_text(encoding="utf-8"), f"not what tests/golden/{name} holds (see --update-golden)"

    return compare
