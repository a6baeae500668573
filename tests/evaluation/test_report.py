import base64
import csv
import dataclasses
import hashlib
import html
import math
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from shopwright import files
from shopwright.errors import UnavailableError
from shopwright.evaluation.failures import Failures, failures_by_kind
from shopwright.evaluation.plots import Plot
from shopwright.evaluation.report import Report, write_report
from shopwright.rollouts.agent import Choice
from shopwright.rollouts.records import Step, Trajectory
from shopwright.rollouts.rollout import Outcome

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

HOSTILE = (
    "<script>alert(1)</script></style></pre></title>--><img src=x onerror=alert(1)>"
    "\"'`{{7*7}}{% raw %}{# &amp; \u202eevil\u2066 \x00\x1b\x7f\x85 \u2028\ufeff\ud800 end"
)
VOID_TAGS = {"meta", "img", "link", "br", "input", "hr", "rect", "path"}


class Outline(HTMLParser):
    """The tags of a page with the names of their attributes, and its texts."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.attributes = []
        self.texts = []
        self.open = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, *attribute) for attribute in attrs]
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def result(agent="rule", protocol="pages", goals="test", **changes):
    values = {
        "episodes": 500,
        "score": 79.04,
        "score_interval": (77.0, 81.0),
        "success_rate": 55.75,
        "success_interval": (51.42, 60.08),
        "steps_mean": 3.98,
        "seconds": 1.26,
    }
    return {"agent": agent, "protocol": protocol, "goals": goals, **values, **changes}


def episode(*turns, request="a shoe", agent="rule", protocol="pages", reward=1.0, parts=None):
    """An episode of (observation, action, its candidates) turns; the last one is the purchase."""
    steps = [
        Step(
            observation=observation,
            available_actions=(),
            action=action,
            log_probability=math.log(dict(candidates).get(action, 1.0)),
            reward=reward * (place == len(turns)),
        )
        for place, (observation, action, candidates) in enumerate(turns, start=1)
    ]
    trajectory = Trajectory(
        asin="B1",
        instruction=request,
        attributes=(),
        options={},
        price_upper=1.0,
        steps=tuple(steps),
        reward=reward,
        purchased=True,
        protocol=protocol,
        agent=agent,
        parts=parts or {},
    )
    choices = tuple(Choice(action, candidates) for _, action, candidates in turns)
    return Outcome(trajectory, None, choices if protocol == "pages" else ())


def full_report(text=lambda name: name):
    """A report with every section, each of its texts passed through ``text``."""
    return Report(
        title=text("title"),
        summary=[(text("summary name"), text("summary value"))],
        results=[result(agent=text("agent"), goals=text("goals"))],
        metrics={
            text("stage one"): [
                {"step": 0, text("measure"): 1.0, "loss": 2.0},
                {"step": 5, text("measure"): 2.0, "loss": 1.0},
            ],
            text("stage two"): [{"step": 0, text("measure"): 3.0}],
        },
        verdict=text("verdict"),
        grounds=[text("ground")],
        failures=[
            Failures(
                title=text("failure"),
                count=7,
                episodes=[
                    episode((text("failed observation"), text("failed action"), ()), reward=0.5)
                ],
            )
        ],
        episodes=[
            episode(
                (
                    text("observation"),
                    text("action"),
                    ((text("action"), 0.75), (text("other action"), 0.25)),
                ),
                request=text("request"),
                agent=text("episode agent"),
                reward=2 / 3,
                parts={text("part"): text("part value")},
            )
        ],
        recommendations=[
            (
                text("recommendation request"),
                [
                    SimpleNamespace(
                        asin=text("asin"),
                        title=text("product"),
                        options={text("option"): text("option value")},
                        price=text("price"),
                        score=1.2345,
                    )
                ],
            ),
        ],
        notes=[text("note")],
    )


EMPTY = Report(title="Empty")


def page_of(report, folder):
    return write_report(report, folder).read_bytes().decode("utf-8")


def text_of(page):
    return " ".join(" ".join(Outline(page).texts).split())


def files_below(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestContent:
    def test_every_text_is_there(self, tmp_path):
        names = []

        def named(name):
            names.append(name)
            return name

        page = page_of(full_report(named), tmp_path)
        missing = [name for name in names if name not in text_of(page) and name not in page]
        assert len(set(names)) > 20
        assert missing == []

    def test_results_have_one_decimal_and_intervals(self, tmp_path):
        page = page_of(dataclasses.replace(EMPTY, results=[result()]), tmp_path)
        row = re.search(r'<th scope="row".*?</tr>', page, re.DOTALL)[0]
        cells = [" ".join(cell.split()) for cell in Outline(row[: -len("</tr>")]).texts]
        cells = [cell for cell in cells if cell]
        assert cells == [
            *["rule", "55.8", "[51.4, 60.1]", "79.0", "[77.0, 81.0]", "4.0", "500", "1.3"]
        ]

    def test_bar_and_whiskers_are_to_scale(self, tmp_path):
        page = page_of(dataclasses.replace(EMPTY, results=[result()]), tmp_path)
        assert '<rect class="bar" x="0" y="2" width="111.5"' in page
        assert 'd="M102.8 3.5v7M102.8 7H120.2M120.2 3.5v7"' in page
        assert "success 55.8 percent, 95 percent interval 51.4 to 60.1" in page

    def test_protocols_never_share_a_table(self, tmp_path):
        rows = [
            result("on catalogue", "catalogue"),
            result("on pages", "pages"),
            result("on catalogue too", "catalogue", "test-unseen"),
        ]
        page = page_of(dataclasses.replace(EMPTY, results=rows), tmp_path)
        tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
        agents = [re.findall(r'<th scope="row"[^>]*>(.*?)</th>', table) for table in tables]
        assert agents == [["on pages"], ["on catalogue", "on catalogue too"]]
        assert re.findall("<h3>Protocol: (.*)</h3>", page) == ["pages", "catalogue"]
        assert re.findall("Goals: <bdi>(.*?)</bdi>", tables[1]) == ["test", "test-unseen"]

    def test_steps_show_the_probability_of_what_was_done(self, tmp_path):
        shown = episode(
            ("", "search[shoe]", (("search[boot]", 0.5), ("search[shoe]", 0.3125))),
            ("", "click[buy now]", (("click[buy now]", 1.0),)),
        )
        answered = episode(("", "answer B1", ()), protocol="catalogue", reward=0.5)
        page = page_of(dataclasses.replace(EMPTY, episodes=[shown, answered]), tmp_path)
        items = re.findall(r"<li><code>(.*?)<details>", page, re.DOTALL)[:3]
        shown = [re.sub(r"<.*?>|\s+", " ", html.unescape(item)).split() for item in items]
        assert shown == [
            ["search[shoe]", "31.2", "%"],
            ["click[buy", "now]", "100.0", "%", "·", "reward", "1"],
            ["answer", "B1", "·", "reward", "0.5"],
        ]
        assert page.count('<code class="chosen"><bdi>search[shoe]</bdi>') == 1
        assert page.count('<details class="episode" open>') == 1
        assert page.count('<details class="episode">') == 1
        assert "2 steps · score 100.0" in page

    def test_parts_are_readable(self, tmp_path):
        parts = {"share": 2 / 3, "count": 12345, "right": True, "none": None}
        shown = episode(("", "click[buy now]", ()), parts=parts)
        page = page_of(dataclasses.replace(EMPTY, episodes=[shown]), tmp_path)
        shown = dict(re.findall(r'<dt>(.*?)</dt><dd dir="auto">(.*?)</dd>', page))
        assert shown == {
            "share": "0.667",
            "count": "12345",
            "right": "yes",
            "none": "–",
        }

    def test_empty_sections(self, tmp_path):
        page = page_of(EMPTY, tmp_path)
        assert re.findall("<h2>(.*)</h2>", page) == ["Results"]
        assert "Nothing was evaluated." in page
        assert files_below(tmp_path).keys() == {"report.html"}
        report = dataclasses.replace(
            EMPTY, metrics={"imitation": []}, recommendations=[("a thing", [])]
        )
        assert "Nothing was found." in page_of(report, tmp_path)

    def test_all_sections(self, tmp_path):
        headings = re.findall("<h2>(.*)</h2>", page_of(full_report(), tmp_path))
        assert headings == [
            *["Results", "What went wrong", "Learning curves", "Episodes", "Recommendations"],
            "Notes",
        ]


@pytest.mark.filterwarnings("error")
class TestUntrustedText:
    def test_hostile_texts_change_no_markup(self, tmp_path):
        calm = Outline(page_of(full_report(), tmp_path / "calm"))
        page = page_of(full_report(lambda name: name + HOSTILE), tmp_path / "hostile")
        hostile = Outline(page)
        assert hostile.tags == calm.tags
        assert hostile.open == calm.open == []

    def test_hostile_texts_come_through_as_text(self, tmp_path):
        page = page_of(full_report(lambda name: name + HOSTILE), tmp_path)
        shown = (
            HOSTILE.replace("\u202e", "⟨U+202E⟩")
            .replace("\u2066", "⟨U+2066⟩")
            .replace("\x00", "␀")
            .replace("\x1b", "␛")
            .replace("\x7f", "⟨U+007F⟩")
            .replace("\x85", "⟨U+0085⟩")
            .replace("\u2028", "⟨U+2028⟩")
            .replace("\ufeff", "⟨U+FEFF⟩")
            .replace("\ud800", "⟨U+D800⟩")
        )
        texts = Outline(page).texts
        for name in ("title", "goals", "observation", "action", "product", "option value", "note"):
            assert name + shown in texts
        for forbidden in ("<script", "onerror=alert(1)>", "49\"'", "{{7*7}}{#"):
            assert forbidden not in page
        invisible = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
        assert invisible.search(page) is None

    def test_writing_that_needs_joiners_is_kept(self, tmp_path):
        title = "میخواهم 👩‍🚀 soft\u00adhyphen\u00a0é 靴"
        page = page_of(dataclasses.replace(EMPTY, title=title), tmp_path)
        assert f'<h1 dir="auto">{title}</h1>' in page

    def test_page_needs_nothing_and_runs_nothing(self, tmp_path):
        page = page_of(full_report(lambda name: name + HOSTILE), tmp_path)
        outline = Outline(page)
        tags = {tag for tag, _ in outline.tags}
        assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "a"}
        for _, name, value in outline.attributes:
            assert not name.startswith("on")
            assert name not in {"href", "srcset", "style"}
            if name == "src":
                assert value.startswith("data:image/png;base64,")
        style = re.search("<style>(.*?)</style>", page, re.DOTALL)[1]
        assert "url(" not in style
        assert "@import" not in style
        assert "prefers-color-scheme: dark" in style

    def test_content_policy(self, tmp_path):
        page = page_of(full_report(), tmp_path)
        policy = html.unescape(re.search(r'Content-Security-Policy" content="(.*?)"', page)[1])
        rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
        style = re.search("<style>(.*?)</style>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert rules == {
            "default-src": "'none'",
            "script-src": "'none'",
            "img-src": "data:",
            "style-src": f"'sha256-{digest}'",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        # A policy holds only for what follows it.
        assert page.index("Content-Security-Policy") < page.index("<style>")


@pytest.mark.filterwarnings("error")
class TestCurves:
    @staticmethod
    def write(metrics, folder):
        page = page_of(dataclasses.replace(EMPTY, metrics=metrics), folder)
        plots = folder / "plots"
        names = sorted(path.stem for path in plots.glob("*.png"))
        assert names == sorted(path.stem for path in plots.glob("*.csv"))
        assert sorted(path.name for path in folder.iterdir()) == ["plots", "report.html"]
        return page, names

    def test_stages_share_a_plot_but_for_losses(self, tmp_path):
        metrics = {
            "imitation": [
                {"step": 0, "loss": 3.0, "accuracy": 0.25},
                {"step": 9, "loss": 2.0, "accuracy": 0.75, "only once": 1.0},
            ],
            "dpo": [
                {"step": 0, "loss": 0.69, "accuracy": 0.5, "reward_margin": 0.0},
                {"step": 8, "loss": 0.5, "reward_margin": 1.0},
            ],
        }
        page, names = self.write(metrics, tmp_path)
        assert names == [
            *["curve-accuracy", "curve-loss-dpo", "curve-loss-imitation"],
            "curve-reward-margin-dpo",
        ]
        assert (
            'alt="accuracy: imitation from 0.25 at step 0 to 0.75 at step 9; '
            'dpo from 0.5 at step 0 to 0.5 at step 0"' in page
        )

    def test_table_holds_every_point_in_order(self, tmp_path):
        metrics = {
            "ppo": [
                {"step": 10, "reward": 0.1 + 0.2},
                {"step": 2.5, "reward": 0.5},
                {"step": 20_000_000, "reward": 1, "note": "text", "flag": True},
                {"step": 30_000_000, "other": 1.0},
                {"step": 40_000_000, "other": 1.0},
            ]
        }
        _, names = self.write(metrics, tmp_path)
        assert names == ["curve-other-ppo", "curve-reward-ppo"]
        content = (tmp_path / "plots" / "curve-reward-ppo.csv").read_text("utf-8")
        assert content == (
            "line,step,value\nppo,2.5,0.5\nppo,10,0.30000000000000004\nppo,20000000,1.0\n"
        )

    def test_page_embeds_the_very_files(self, tmp_path):
        page, names = self.write(full_report().metrics, tmp_path)
        embedded = [base64.b64decode(text) for text in re.findall("base64,([^\"']+)", page)]
        files = [(tmp_path / "plots" / f"{name}.png").read_bytes() for name in names]
        assert sorted(embedded) == sorted(files)
        assert len(files) == 2

    def test_plots_differ_with_their_data(self, tmp_path):
        self.write({"a": [{"step": 0, "x": 1.0}, {"step": 1, "x": 2.0}]}, tmp_path / "up")
        self.write({"a": [{"step": 0, "x": 1.0}, {"step": 1, "x": 0.0}]}, tmp_path / "down")
        name = "plots/curve-x-a.png"
        assert (tmp_path / "up" / name).read_bytes() != (tmp_path / "down" / name).read_bytes()

    def test_images_carry_no_metadata(self, tmp_path):
        self.write(full_report().metrics, tmp_path)
        for path in (tmp_path / "plots").glob("*.png"):
            content, position, kinds = path.read_bytes(), 8, set()
            while position < len(content):
                length = int.from_bytes(content[position : position + 4], "big")
                kinds.add(content[position + 4 : position + 8])
                position += length + 12
            assert kinds == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}

    def test_file_names_stay_in_the_folder_and_apart(self, tmp_path):
        names = ["../../up", "..\\up", "UP", "up-2", "/", "$x^{", "_", "ü", "con", "long" * 100]
        metrics = {"": [{"step": step, **dict.fromkeys(names, 1.0)} for step in (1, 2)]}
        _, files = self.write(metrics, tmp_path)
        assert len(files) == len(names)
        assert all(re.fullmatch("curve-[a-z0-9-]+", name) for name in files)

    def test_names_are_no_mathematics(self, tmp_path):
        stages = {
            name: [{"step": step, "$x^{$": 1.0} for step in (1, 2)]
            for name in ("$\\frac{$", "_hidden")
        }
        _, files = self.write(stages, tmp_path)
        assert files == ["curve-x"]

    def test_values_that_are_not_finite_are_told(self, tmp_path):
        records = [{"step": 0, "x": 1.0}, {"step": 1, "x": math.nan}, {"step": 2, "x": math.inf}]
        page, _ = self.write({"a": records}, tmp_path)
        assert "to inf at step 2" in page
        with (tmp_path / "plots" / "curve-x-a.csv").open(encoding="utf-8") as file:
            assert [row["value"] for row in csv.DictReader(file)] == ["1.0", "nan", "inf"]


class TestFailures:
    def test_an_episode_is_of_one_kind_and_the_most_frequent_come_first(self):
        right = {"type": 1.0, "attributes": 1.0, "options": 1.0, "price": 1.0}
        parts = [
            {**right, "options": 0.5},
            {**right, "type": 0.5, "price": 0.0},
            {**right, "type": 0.1},
            {**right, "price": 0.0, "options": 0.5},
            {**right, "options": None, "attributes": 0.5},
        ]
        failed = [
            episode(("", "click[buy now]", ()), reward=0.5, parts=each).trajectory for each in parts
        ]
        bought = episode(("", "click[buy now]", ()), parts=right).trajectory
        nothing = dataclasses.replace(failed[0], purchased=False, reward=0.0, parts={})
        kinds = failures_by_kind([bought, *failed, nothing])
        assert [(kind.title.split()[0], kind.count) for kind in kinds] == [
            *[("Another", 2), ("An", 1), ("It", 1), ("An", 1), ("Nothing", 1)]
        ]
        assert [outcome.trajectory for outcome in kinds[0].episodes] == failed[1:3]


class TestWriting:
    def test_same_report_same_bytes(self, tmp_path):
        write_report(full_report(), tmp_path / "one")
        write_report(full_report(), tmp_path / "two")
        write_report(full_report(), tmp_path / "two")
        one = files_below(tmp_path / "one")
        assert one == files_below(tmp_path / "two")
        assert len(one) == 5

    def test_returns_the_page(self, tmp_path):
        assert write_report(EMPTY, tmp_path / "new" / "deep") == tmp_path / "new/deep/report.html"

    def test_a_failure_leaves_the_old_page(self, tmp_path, monkeypatch):
        write_report(EMPTY, tmp_path)
        before = files_below(tmp_path)
        replace = os.replace

        def failing(source, target):
            if str(target).endswith("report.html"):
                raise OSError("disk full")
            replace(source, target)

        monkeypatch.setattr(files.os, "replace", failing)
        with pytest.raises(OSError, match="cannot be written"):
            write_report(dataclasses.replace(EMPTY, title="New"), tmp_path)
        assert files_below(tmp_path) == before

    def test_the_page_is_never_written_in_place(self, tmp_path, monkeypatch):
        path = write_report(EMPTY, tmp_path)
        seen = []
        replace = os.replace

        def watching(source, target):
            seen.append((path.read_text("utf-8"), os.path.dirname(source)))
            replace(source, target)

        before = path.read_text("utf-8")
        monkeypatch.setattr(files.os, "replace", watching)
        write_report(dataclasses.replace(EMPTY, title="New"), tmp_path)
        assert seen == [(before, str(tmp_path))]
        assert "<title>New</title>" in path.read_text("utf-8")

    def test_a_failing_plot_leaves_everything(self, tmp_path, monkeypatch):
        write_report(full_report(), tmp_path)
        before = files_below(tmp_path)

        def failing(plot):
            raise MemoryError(plot.name)

        monkeypatch.setattr(Plot, "draw", failing)
        with pytest.raises(MemoryError):
            write_report(dataclasses.replace(full_report(), title="New"), tmp_path)
        assert files_below(tmp_path) == before

    @pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
    def test_names_the_missing_package(self, package, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(UnavailableError, match=package) as caught:
            write_report(full_report(), tmp_path)
        assert "pip install 'shopwright[report]'" in str(caught.value)
        assert list(tmp_path.iterdir()) == []

    def test_imports_are_late_and_without_pyplot(self, tmp_path):
        program = (
            "import sys; from pathlib import Path\n"
            "import shopwright.evaluation.report as r\n"
            "assert not {'matplotlib', 'jinja2', 'torch'} & sys.modules.keys()\n"
            "report = r.Report(title='t', metrics={'a': [{'step': 1, 'x': 1.0}]})\n"
            "r.write_report(report, Path(sys.argv[1]))\n"
            "assert 'matplotlib.pyplot' not in sys.modules\n"
        )
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=environment)
