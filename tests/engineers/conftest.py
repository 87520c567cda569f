import pytest

from competitions import Brief, load_competition, make_brief, make_example


@pytest.fixture(scope="session", params=["breast-cancer", "diabetes", "wine-recognition", "digits"])
def brief(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Brief:
    folder = make_example(request.param, tmp_path_factory.mktemp("example"))
    return make_brief(load_competition(folder / "prepared" / "public"))
