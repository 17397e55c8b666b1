"""Keys: made once, kept from others, compared without a trace."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fondaco.core.errors import Refused, Unavailable
from fondaco.core.settings import Settings
from fondaco.surfaces import user
from fondaco.surfaces.keys import Keys, Role, caller_of, desk_keys, key_of

PERSON, AGENT = "p" * 40, "a" * 40


def counting() -> Callable[[int], bytes]:
    """Return a source of bytes that never repeats, for tests."""
    numbers = iter(range(1, 1000))
    return lambda count: next(numbers).to_bytes(count, "big")


def settings(home: Path, **more: str) -> Settings:
    return Settings(home=home, **more)  # type: ignore[arg-type]


def test_a_key_has_its_role_and_any_other_text_has_none() -> None:
    keys = Keys.of(person=PERSON, agent=AGENT)
    assert (keys.role(PERSON), keys.role(AGENT)) == (Role.PERSON, Role.AGENT)
    for other in ("", PERSON[:-1], PERSON + "p", PERSON.upper(), "\ud800", "é" * 40):
        assert keys.role(other) is None


def test_the_keys_themselves_are_not_kept() -> None:
    assert PERSON not in repr(Keys.of(person=PERSON, agent=AGENT))


def test_a_short_key_and_one_key_for_both_are_refused() -> None:
    with pytest.raises(Refused, match="too short"):
        Keys.of(person="short", agent=AGENT)
    with pytest.raises(Refused, match="an agent could move money"):
        Keys.of(person=PERSON, agent=PERSON)


def test_only_the_persons_key_on_rest_makes_a_person() -> None:
    found = {(r, s): caller_of(r, s).person for r in Role for s in ("rest", "mcp")}
    assert [place for place, person in found.items() if person] == [(Role.PERSON, "rest")]
    assert caller_of(Role.AGENT, "rest", "r1").request_id == "r1"


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "desk"
    first = desk_keys(settings(home), counting())
    again = desk_keys(settings(home), counting())
    assert first == again
    for name in ("desk.key", "agent.key"):
        file = home / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(file.read_text().strip()) >= 40
    assert sorted(p.name for p in home.iterdir()) == ["agent.key", "desk.key"]
    assert first.role((home / "desk.key").read_text().strip()) is Role.PERSON


def test_a_key_of_the_settings_comes_first_and_makes_no_file(tmp_path: Path) -> None:
    found = desk_keys(settings(tmp_path, api_key=PERSON, agent_api_key=AGENT), counting())
    assert found == Keys.of(person=PERSON, agent=AGENT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    key_of(Role.PERSON, settings(tmp_path), counting())
    (tmp_path / "desk.key").chmod(mode)
    with pytest.raises(Refused, match="others on this machine"):
        key_of(Role.PERSON, settings(tmp_path), counting())


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "desk.key").write_bytes(content)
    (tmp_path / "desk.key").chmod(0o600)
    with pytest.raises(Refused, match="key"):
        desk_keys(settings(tmp_path), counting())


def test_a_data_folder_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Unavailable, match="FONDACO_HOME"):
        key_of(Role.PERSON, settings(tmp_path / "file"), counting())


def test_two_starts_at_once_end_with_one_key(tmp_path: Path) -> None:
    barrier, found = threading.Barrier(2), []
    entropy = counting()

    def begin() -> None:
        barrier.wait(timeout=10)
        found.append(key_of(Role.PERSON, settings(tmp_path), entropy))

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(found) == 2
    assert found[0] == found[1] == (tmp_path / "desk.key").read_text().strip()


def test_a_draft_that_a_kill_left_behind_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / f".desk.key.{os.getpid()}.{threading.get_ident()}").write_text("half a k")
    assert len(key_of(Role.PERSON, settings(tmp_path), counting())) >= 40
    assert [p.name for p in tmp_path.iterdir()] == ["desk.key"]


def test_a_user_without_a_name_is_known_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.user_name()

    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert user.user_name() == f"uid-{os.getuid()}"
