"""A module imports only from lower layers: the table of docs/architecture.md, enforced."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "consentgate"

LAYERS = {
    "errors": 0,
    "model": 0,
    "ip": 0,
    "forwarded": 0,
    "keys": 0,
    "database": 0,
    "disk": 0,
    "forks": 0,
    "assets": 0,
    "sites": 0,
    "consent": 1,
    "catalogue": 1,
    "shortening": 1,
    "placement": 2,
    "config": 2,
    "gate": 2,
    "posters": 2,
    "proofs": 2,
    "banner": 3,
    "decision": 3,
    "signals": 3,
    "response": 3,
    "discovery": 3,
    "opt_out": 3,
    "policy_size": 3,
    "places": 4,
    "wiring": 4,
    "caller": 5,
    "audiences": 6,
    "incoming": 7,
    "endpoints": 8,
    "pages": 8,
    "fitting": 9,
    "page": 10,
    "middleware": 11,
    "cli": 12,
}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its layer"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {name.split(".")[1] for name in names if name.startswith("consentgate.")}
    return rooms


MODULES = sorted(p for p in ROOT.rglob("*.py") if p.name != "__init__.py" or p.parent != ROOT)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_lower_layers(path: Path) -> None:
    own = room_of(path)
    higher = {
        room
        for room in imported_rooms(path)
        if room != own and LAYERS[room] >= LAYERS[own] and not (LAYERS[room] == LAYERS[own] == 0)
    }
    assert not higher, f"{path} reaches up to {higher}"


def test_every_room_has_a_layer() -> None:
    assert {room_of(path) for path in MODULES} <= set(LAYERS)
