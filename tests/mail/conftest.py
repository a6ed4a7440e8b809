"""The authority of these tests' servers."""

from __future__ import annotations

import pytest

from tests.mail.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs what the servers show."""
    return Authority(tmp_path_factory.mktemp("certificates"))
