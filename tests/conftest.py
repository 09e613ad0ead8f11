"""What the whole suite shares."""

from pathlib import Path

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
