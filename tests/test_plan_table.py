import io

from bot.core.deciding.plan import Plan
from bot.core.events import Want
from bot.core.foreseeing.outlook import ImageRow, Kind, Outlook, Prospect, Row, Verb
from bot.core.names import Name
from bot.screen.plan_table import drawn

NOTHING = Plan(want=Want.DEPLOY, steps=(), why="")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def outlook(*, why: str = "image") -> Outlook:
    image = ImageRow(task=Name(""), prospect=Prospect(verb=Verb.BUILD, why="first time"))
    web = Row(
        name=Name("web"),
        kind=Kind.SERVICE,
        prospect=Prospect(verb=Verb.RESTART, why=why),
        after=(Name("db"), Name("seed")),
        images=(image,),
        notes=("a clone of web",),
    )
    return Outlook(plan=NOTHING, rows=(web,))


def test_a_pipe_is_given_plain_lines():
    assert drawn(outlook(), io.StringIO()).split("\n") == [
        "web  service  restart  after db, seed  image",
        "       image  build                    first time",
        "       note                            a clone of web",
    ]


def test_a_pipe_is_given_long_reasons_in_one_line():
    assert len(drawn(outlook(why="word " * 50), io.StringIO()).split("\n")) == 3


def test_a_screen_is_given_colours():
    assert "\x1b[" in drawn(outlook(), Screen())


def test_untrusted_text_draws_nothing():
    assert "\x1b" not in drawn(outlook(why="a\x1b[31m\nb"), io.StringIO())


def test_nothing_to_do_is_said_so():
    assert "nothing to do" in drawn(Outlook(plan=NOTHING, rows=()), io.StringIO())
