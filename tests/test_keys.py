import logging
import multiprocessing
import stat

import pytest

from consentgate.errors import StorageError
from consentgate.keys import _create, load_or_create_key


def test_a_key_is_made_once_and_then_read(tmp_path, caplog):
    path = tmp_path / "key"
    with caplog.at_level(logging.WARNING, "consentgate"):
        key = load_or_create_key(path)
    assert len(key) >= 43
    assert load_or_create_key(path) == key
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "lost" in caplog.text
    assert key not in caplog.text


def test_a_key_file_is_for_its_owner_only_and_leaves_no_draft(tmp_path):
    path = tmp_path / "key"
    load_or_create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_workers_that_race_share_one_key(tmp_path):
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        keys = pool.map(load_or_create_key, [str(tmp_path / f"key-{i // 8}") for i in range(32)])
    assert len(set(keys)) == 4
    assert all(len(set(keys[i : i + 8])) == 1 for i in range(0, 32, 8))
    assert len(list(tmp_path.iterdir())) == 4


def test_whoever_comes_second_takes_the_key_of_the_first(tmp_path):
    path = tmp_path / "key"
    key = load_or_create_key(path)
    _create(path)
    assert load_or_create_key(path) == key
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_that_others_may_read_is_used_with_a_warning(tmp_path, caplog):
    path = tmp_path / "key"
    key = load_or_create_key(path)
    path.chmod(0o644)
    caplog.clear()
    assert load_or_create_key(path) == key
    assert "chmod 600" in caplog.text


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_file_without_a_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StorageError, match="key"):
        load_or_create_key(path)


def test_a_place_that_takes_no_file_is_refused(tmp_path):
    with pytest.raises(StorageError, match="CONSENTGATE_SECRET"):
        load_or_create_key(tmp_path / "no" / "such" / "folder")
    with pytest.raises(StorageError, match="CONSENTGATE_SECRET"):
        load_or_create_key(tmp_path)
