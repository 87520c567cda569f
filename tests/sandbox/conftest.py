import pytest

pytest.register_assert_rewrite("tests.sandbox.conformance")  # its assertions explain themselves, though it is no test module
