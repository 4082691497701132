"""Which quick actions a text holds, by GitLab's rules of old (patterns) and of now (paragraphs of Markdown)."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

NAMES = re.findall(
    r"\w+",
    """
    add_child add_contacts add_email add_parent approve assign assign_reviewer award blocked_by blocks board_move cc
    checkin_reminder child_epic child_of clear_health_status clear_weight clone close confidential convert_to_ticket
    copy_metadata create_merge_request delete_child done draft due duplicate epic estimate estimate_time
    health_status internal invite_email iteration label labels link lock merge milestone move page parent_epic
    project promote promote_to promote_to_incident publish react ready reassign reassign_reviewer rebase relabel
    relate remove_child remove_child_epic remove_contacts remove_due_date remove_email remove_epic remove_estimate
    remove_iteration remove_label remove_milestone remove_parent remove_parent_epic remove_reviewer
    remove_time_estimate remove_time_spent remove_zoom reopen request_changes request_review reviewer run_pipeline
    set_parent severity ship shrug spend spend_time spent status submit_review subscribe tableflip tag target_branch
    timeline title todo type unapprove unassign unassign_reviewer unlabel unlink unlock unrelate unsubscribe weight
    wip zoom
    """,
)
"""Those that GitLab documents or once did, also for issues and epics; some only put another text in their place."""

_ACTION = rf"^/(?P<cmd>{'|'.join(sorted(NAMES, key=len, reverse=True))})(?:[ ](?P<arg>[^\n]*))?(?:\s*\n|$)"
_TAGS = r"^<[^>]+?>\n.+?\n</[^>]+?>$"
_QUOTE = r"^>>>.+?\n>>>$"
_FENCE = r"^```.+?\n```$"
_INLINE = r"`\n*.+?\n*`"
_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
_OF_OLD = tuple(
    re.compile("|".join((*protected, _ACTION)), _FLAGS)
    for protected in (
        (_FENCE, _TAGS, _QUOTE),
        (_FENCE, _INLINE, _TAGS, _QUOTE),
        (_FENCE.replace("```.+", "```\\n.+"), _INLINE, _TAGS, _QUOTE),
    )
)
"""What protected a line in three ages of GitLab; a fence of any other form never did."""
_NOW = re.compile("|".join((r"`.+?`", _TAGS, _ACTION)), _FLAGS)
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def of_old(text: str) -> list[str]:
    """The actions that one or another of the older GitLabs carries out."""
    plain = text.replace("\r", "")
    return sorted({name for pattern in _OF_OLD for name in _names(pattern, plain)})


def now(text: str) -> list[str]:
    """The actions that a newer GitLab carries out: only in paragraphs that are in nothing else."""
    plain = text.replace("\r", "")
    return sorted({name for paragraph in _paragraphs(plain) for name in _names(_NOW, paragraph)})


def carried_out(text: str) -> list[str]:
    """Those of either: no text of ours may hold one."""
    return sorted({*of_old(text), *now(text)})


def _names(pattern: re.Pattern[str], text: str) -> list[str]:
    return [found["cmd"].lower() for found in pattern.finditer(text) if found["cmd"]]


def _paragraphs(text: str) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    for token in _MARKDOWN.parse(text):
        if token.type == "paragraph_open" and token.level == 0 and token.map:
            yield "".join(lines[token.map[0] : token.map[1]])
