from tests.plugin.conftest import suite  # noqa: F401
