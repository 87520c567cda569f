from retrieval import Catalogue
from retrieval.recipes import recipes


async def test_an_empty_query_gives_the_ranked_recipes(brief_of):
    optional = {one.name for one in recipes() if one.needs.package}
    cards = await Catalogue().search(brief_of("diabetes"), "", 3 + len(optional))
    assert [card.name for card in cards if card.name not in optional][:3] == ["LightGBM", "extra trees", "linear model"]


async def test_a_query_keeps_the_recipes_that_hold_one_of_its_words(brief_of):
    cards = await Catalogue().search(brief_of("diabetes"), "kernel methods", 5)
    assert [card.family for card in cards] == ["kernel"]
    assert await Catalogue().search(brief_of("diabetes"), "transformer", 5) == ()
