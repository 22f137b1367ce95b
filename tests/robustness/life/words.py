"""What people, surveys, files and templates give for an option, and what is meant by it.

A new way to write something is one line. Nothing here uses the collection's own reading of options.
"""

from __future__ import annotations

import fnmatch
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Names = Sequence[str]


def meant_by(pattern: str, name: str) -> bool:
    """Whether a person who writes the pattern means the name: literally, or as a shell glob."""
    wanted, found = _plain(pattern), _plain(name)
    return wanted == found or fnmatch.fnmatchcase(found, wanted)


def _plain(text: str) -> str:
    """Without differences that nobody sees: composition, case, kind and number of blanks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


@dataclass(frozen=True)
class Form:
    """A way to write names. ``clear``: the contract says that it is understood. ``apart``: what separates names."""

    write: Callable[[Names], Any]
    clear: bool = True
    apart: str = ""

    def fits(self, names: Names) -> bool:
        """Whether these names can be written so: none contains what separates them."""
        return not any(mark in name for mark in self.apart for name in names)


def _around(before: str, after: str) -> Form:
    return Form(lambda names: [f"{before}{name}{after}" for name in names], apart=",\n")


def _each(change: Callable[[str], str], *, clear: bool = True) -> Form:
    return Form(lambda names: [change(name) for name in names], clear)


def _yaml_lines(names: Names) -> str:
    return "".join(f"- {json.dumps(name, ensure_ascii=False)}\n" for name in names)


LISTS: dict[str, Form] = {
    "a list": Form(list),
    "blanks before": _around(" ", ""),
    "blanks after": _around("", "  "),
    "tabs": _around("\t", "\t"),
    "line ends": _around("", "\n"),
    "CR": _around("", "\r"),
    "CR LF": _around("", "\r\n"),
    "no-break spaces": _around("\u00a0", "\u00a0"),
    "wide spaces": _around("\u3000", "\u2003"),
    "nested": Form(lambda names: [list(names)]),
    "nested twice": Form(lambda names: [[names[0]], [list(names[1:])]] if names[1:] else [[list(names)]]),
    "nested beside": Form(lambda names: [list(names), "nobody-at-all"]),
    "commas": Form(",".join, apart=",\n"),
    "commas and blanks": Form(", ".join, apart=",\n"),
    "blanks and commas": Form(lambda names: f"  {' , '.join(names)} ", apart=",\n"),
    "a comma at the end": Form(lambda names: f"{','.join(names)},", clear=False, apart=",\n"),
    "commas in an item": Form(lambda names: [", ".join(names)], clear=False, apart=",\n"),
    "lines": Form("\n".join, apart=",\n"),
    "lines of a survey": Form(lambda names: "\r\n".join(names) + "\r\n", apart=",\n"),
    "lines and commas": Form(lambda names: ",\n".join(names) + "\n", apart=",\n"),
    "empty lines": Form(lambda names: "\n\n".join(["", *names, ""]), apart=",\n"),
    "JSON": Form(lambda names: json.dumps(list(names))),
    "JSON, not escaped": Form(lambda names: json.dumps(list(names), ensure_ascii=False)),
    "JSON, indented": Form(lambda names: json.dumps(list(names), indent=2) + "\n"),
    "JSON in an item": Form(lambda names: [json.dumps(list(names))]),
    "Python": Form(lambda names: repr(list(names))),
    "Python with blanks": Form(lambda names: f" {list(names)!r}\n"),
    "YAML": Form(_yaml_lines),
    "YAML without quotes": Form(lambda names: "".join(f"- {name}\n" for name in names), apart=",\n[]'*:"),
    "in capitals": _each(str.upper),
    "in small letters": _each(str.lower),
    "decomposed": _each(lambda name: unicodedata.normalize("NFD", name)),
    "composed": _each(lambda name: unicodedata.normalize("NFC", name)),
    "sharp s apart": _each(lambda name: name.replace("ß", "ss")),
    "no-break blanks within": _each(lambda name: name.replace(" ", "\u00a0")),
    "blanks doubled": _each(lambda name: name.replace(" ", "  ")),
    # what may be refused, and must not be taken for something else
    "in quotes": _each(lambda name: f"'{name}'", clear=False),
    "in double quotes": _each(lambda name: f'"{name}"', clear=False),
    "typographic quotes": _each(lambda name: f"\u201c{name}\u201d", clear=False),
    "quoted as a whole": Form(lambda names: f"'{', '.join(names)}'", clear=False, apart=",\n"),
    "each quoted, commas": Form(lambda names: ", ".join(f'"{name}"' for name in names), clear=False, apart=",\n"),
    "semicolons": Form("; ".join, clear=False, apart=",\n;"),
    "semicolons in an item": Form(lambda names: [";".join(names)], clear=False, apart=",\n;"),
    "bars": Form(" | ".join, clear=False, apart=",\n|"),
    "blanks between": Form(" ".join, clear=False, apart=",\n "),
    "a tuple": Form(lambda names: repr(tuple(names)), clear=False),
    "a set": Form(lambda names: "{" + ", ".join(map(repr, names)) + "}", clear=False),
    "a mapping": Form(lambda names: {"names": list(names)}, clear=False),
    "names as keys": Form(lambda names: dict.fromkeys(names, True), clear=False),
    "mappings": Form(lambda names: [{"name": name} for name in names], clear=False),
    "JSON of mappings": Form(lambda names: json.dumps([{"name": name} for name in names]), clear=False),
    "JSON without its end": Form(lambda names: json.dumps(list(names))[:-1], clear=False),
    "flow YAML": Form(lambda names: f"[{', '.join(names)}]", clear=False, apart=",\n[]'*:"),
    "dashes, no list": Form(lambda names: ", ".join(f"- {name}" for name in names), clear=False, apart=",\n"),
    "a byte order mark": Form(lambda names: "\ufeff" + ",".join(names), clear=False, apart=",\n"),
    "zero width": _each(lambda name: f"\u200b{name}", clear=False),
    "null beside": Form(lambda names: [*names, None], clear=False),
    "empty beside": Form(lambda names: [*names, ""], clear=False),
    "a number beside": Form(lambda names: [*names, 7], clear=False),
    "escaped brackets": _each(lambda name: name.replace("[", "[[]"), clear=False),
    "a template": Form(lambda _names: ["{{ protected_names }}"], clear=False),
    "a template as text": Form(lambda _names: "{{ protected_names | join(',') }}", clear=False),
}
"""Ways to write names that are to be protected: their sessions live, or the task is refused."""

EIGHT_HOURS = 8 * 3600
NONE, NEVER = 0, 1 << 60
DURATIONS: dict[str, tuple[Any, int]] = {
    "8h": ("8h", EIGHT_HOURS), "480m": ("480m", EIGHT_HOURS), "28800s": ("28800s", EIGHT_HOURS),
    "ISO": ("PT8H", EIGHT_HOURS), "ISO minutes": ("PT480M", EIGHT_HOURS), "parts": ("7h60m", EIGHT_HOURS),
    # below: refused, or understood as meant
    "blanks around": (" 8h ", EIGHT_HOURS), "line end": ("8h\n", EIGHT_HOURS), "CR": ("8h\r", EIGHT_HOURS),
    "capital": ("8H", EIGHT_HOURS), "blank": ("8 h", EIGHT_HOURS), "word": ("8 hours", EIGHT_HOURS),
    "no-break": ("8\u00a0h", EIGHT_HOURS), "fraction": ("8.0h", EIGHT_HOURS), "zero in front": ("08h", EIGHT_HOURS),
    "small ISO": ("pt8h", EIGHT_HOURS), "full width": ("\uff18h", EIGHT_HOURS), "arabic": ("\u0668h", EIGHT_HOURS),
    "a list": (["8h"], EIGHT_HOURS), "plus": ("+8h", EIGHT_HOURS), "quotes": ("'8h'", EIGHT_HOURS),
    "clock": ("08:00:00", EIGHT_HOURS), "a huge number": ("9" * 30 + "d", NEVER), "years": ("9999y", NEVER),
    # below: nobody can say what is meant, so it is refused
    "bare": (8, NONE), "bare text": ("8", NONE), "seconds": (28800, NONE), "fraction of a number": (0.5, NONE),
    "zero": (0, NONE), "zero seconds": ("0s", NONE), "zero hours": ("0h", NONE), "zero ISO": ("PT0S", NONE),
    "negative": ("-8h", NONE), "negative ISO": ("-PT8H", NONE), "empty": ("", NONE), "blanks only": ("  ", NONE),
    "null": (None, NONE), "word null": ("null", NONE), "no unit known": ("8x", NONE), "no number": ("h", NONE),
    "true": (True, NONE), "mapping": ({"hours": 8}, NONE), "template": ("{{ limit }}", NONE),
    "a date": ("2020-01-01", NONE), "infinite": ("inf", NONE), "nan": ("nan", NONE), "exponent": ("1e1h", NONE),
}  # fmt: skip
"""What is given for a duration, and the seconds that are meant by it."""
CLEAR_DURATIONS = 6
"""The first ones are understood; all others may be refused."""

TRUE = (True, "true", "True", "TRUE", "yes", "Yes", "on", "y", "Y", "t", "1", 1, "true ", " yes\n")
FALSE = (False, "false", "False", "no", "No", "off", "n", "N", "f", "0", 0, "false ", " no\r\n")
NEITHER = ("maybe", "ja", "2", "enabled", "{{ apply }}")
