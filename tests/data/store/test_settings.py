"""Settings: all have defaults, and what the file says wrongly is told with the way out."""

from datetime import date

import pytest

from data.errors import StokerError
from data.store.home import Home
from data.store.settings import Settings, load_settings


def test_without_a_file_every_setting_has_its_default(home: Home) -> None:
    assert load_settings(home) == Settings()


def test_what_the_file_says_goes_and_the_rest_keeps_its_default(home: Home) -> None:
    home.settings.write_text(
        "keep_alive_limit_s = 21600\nvalue_of_waiting_usd_per_h = 20\nuser_tags = ['who']\n"
        "image_pull_moved_date = 2024-02-01\nuse_estimated_prices = false"
    )
    assert load_settings(home) == Settings(
        keep_alive_limit_s=21600,
        value_of_waiting_usd_per_h=20.0,
        user_tags=["who"],
        image_pull_moved_date=date(2024, 2, 1),
        use_estimated_prices=False,
    )


@pytest.mark.parametrize(
    ("text", "what", "next_action"),
    [
        ("= 3", "is not TOML", "Correct it, or remove it."),
        ("keepalive = 1", "unknown setting 'keepalive'", "Use one of: user_tags, "),
        (
            "keep_alive_limit_s = 'long'",
            "gives 'keep_alive_limit_s' as 'long': expected `int`, got `str`.",
            "Write it like 3600.",
        ),
        ("keep_alive_limit_s = true", "gives 'keep_alive_limit_s' as True", "like 3600."),
        ("keep_alive_limit_s = -1", "as -1: expected `int` >= 0.", "like 3600."),
        ("value_of_waiting_usd_per_h = nan", "as nan", "like 60.0."),
        ("savings_plan_discount_ratio = 30", "as 30: expected `float` < 1", "like 0.3."),
        ("user_tags = ['who', 1]", "gives 'user_tags[1]' as 1", "like ['user', 'owner', 'team']."),
        ("image_pull_moved_date = 'soon'", "gives 'image_pull_moved_date' as 'soon'", "2023-12-31"),
        ("use_estimated_prices = 0", "gives 'use_estimated_prices' as 0", "Write it like true."),
        ("[user_tags]\nwho = 1", "gives 'user_tags' as {'who': 1}", "Write it like ['user'"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write_instead(
    home: Home, text: str, what: str, next_action: str
) -> None:
    home.settings.write_text(text)
    with pytest.raises(StokerError) as caught:
        load_settings(home)
    assert what in caught.value.what
    assert next_action in caught.value.next_action


def test_a_file_that_is_no_text_is_told(home: Home) -> None:
    home.settings.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StokerError, match="is not TOML"):
        load_settings(home)
