# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions of the surveys and the answers of schedules: what is given, what AWX has, what is shipped. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import known_keys, wrong

Question = Mapping[str, Any]
Answers = dict[str, Any]


def answers(given: Mapping[str, Any], questions: Sequence[Question], option: str) -> Answers:
    """Answers as AWX takes them: yes and no instead of booleans, lists as texts, numbers only where they are asked.

    :raises OptionError: for an answer to no question, and for one that is no choice or no number.
    """
    known = {str(question["variable"]): question for question in questions}
    known_keys(given, known, option)
    return {name: _answer(value, known[name], f"{option}: {name}") for name, value in given.items()}


def _answer(value: Any, question: Question, option: str) -> Any:
    kind = question["type"]
    if isinstance(value, Mapping) or value is None:
        raise wrong(option, "a text or a number", value)
    if isinstance(value, (list, tuple)):
        value = ("\n" if kind == "textarea" else ",").join(str(one) for one in value)
    if kind == "integer":
        return _number(value, question, option)
    choices = question.get("choices", ())
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if kind == "multiplechoice" and str(value) not in choices:
        raise wrong(option, f"one of {', '.join(choices)}", value)
    return str(value)


def _number(value: Any, question: Question, option: str) -> int:
    if isinstance(value, bool) or not str(value).strip().isdigit():
        raise wrong(option, "a whole number", value)
    number = int(value)
    if not question.get("min", number) <= number <= question.get("max", number):
        bounds = f"{question.get('min', 0)} to {question['max']}" if "max" in question else f"{question['min']} or more"
        raise wrong(option, bounds, number)
    return number


def survey(
    shipped: Sequence[Question], given: Answers, there: Sequence[Question], keep: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """The questions of a survey, and sentences about what is kept of the one that AWX has.

    :param shipped: the questions that the collection has for it. :param given: defaults that were given for this run.
    :param there: the questions that AWX has. :param keep: whether what somebody changed there is kept.
    """
    before = {str(question["variable"]): question for question in there if keep}
    spec, kept = [], []
    for question in shipped:
        name, made = str(question["variable"]), dict(question)
        was = before.pop(name, {}).get("default", question["default"])
        if name in given:
            made["default"] = given[name]
        elif was != question["default"]:
            made["default"], sentence = _kept(was, question, question["default"])
            kept += [f"the default of {name} {sentence}"] if sentence else []
        spec.append(made)
    for name, question in before.items():
        spec.append(dict(question))
        kept.append(f"the question {name} was added")
    return spec, kept


def _kept(was: Any, question: Question, wanted: Any) -> tuple[Any, str]:
    """What AWX has, in the type that the question wants, or what is wanted where it is no answer; and a sentence."""
    try:
        value = _answer(was, question, "")
    except OptionError:
        return wanted, f"was {_told(was)}, which is no answer any more: it becomes {_told(wanted)}"
    return value, "" if value == wanted else f"is {_told(value)}, not {_told(wanted)}"


def required(spec: Sequence[Question]) -> Answers:
    """The defaults of the questions that need an answer: AWX wants one from a schedule, even if there is a default."""
    return {str(question["variable"]): question["default"] for question in spec if question["required"]}


def scheduled(
    spec: Sequence[Question], shipped: Answers, there: Answers, given: Answers, keep: bool
) -> tuple[Answers, list[str]]:
    """The answers of a schedule, and sentences about those that AWX has and that are kept.

    :param there: the answers that AWX has; those to no question are dropped.
    """
    questions = {str(question["variable"]): question for question in spec}
    wanted = {**required(spec), **shipped, **given}
    found, kept = dict(wanted), []
    for name, value in there.items() if keep else ():
        if name in questions and name not in given and value != wanted.get(name, ""):
            found[name], sentence = _kept(value, questions[name], wanted.get(name, ""))
            kept += [f"{name} {sentence}"] if sentence else []
    return found, kept


def _told(value: Any) -> str:
    return f"'{shown(str(value))}'"
