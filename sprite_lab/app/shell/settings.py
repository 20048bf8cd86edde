"""State kept between launches: preferences and the last session, in one file."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sprite_lab import paths
from sprite_lab.app.files.file_lock import held
from sprite_lab.app.task import call
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core import strict_json
from sprite_lab.core.config.base import Choice, Config, setting, settings_of
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.reading import check_file
from sprite_lab.words import LANGUAGES, marked, tr

SCHEMA_VERSION = 1
FILE_NAME = "settings.json"
#: Size limit of the file, in bytes.
LARGEST = 10_000_000

#: Number of files that each "recent" menu remembers.
RECENT = 8


#: Choices for the memory of recorded steps, in megabytes. With 400, 64 sprites keep 1,000 steps,
#: guided and with alpha.
RECORDED_MB = (100, 200, 400, 800, 1_600, 3_200, 6_400)


@dataclass(frozen=True)
class Preferences(Config):
    """Everything kept between launches. Paths are strings; "" = none."""

    # fmt: off
    #: the user's choice, not the current theme of the system
    theme: Literal["system", "light", "dark"] = setting(
        "system", "Theme",
        choices=(
            Choice("system", "Follow system", "Light or dark, following the system settings"),
            Choice("light", "Light", "Dark text on a light background"),
            Choice("dark", "Dark", "Light text on a dark background"),
        ),
    )
    #: takes effect at the next start
    language: str = setting(
        "system", "Language", tip="Language of the window, from the next start",
        choices=(
            Choice("system", "Follow system", "English where there is no translation"),
            *(Choice(code, name) for code, name in LANGUAGES.items()),
        ),
    )
    launched: bool = False  #: whether the app was ever opened before
    welcome: bool = True  #: whether to show the welcome strip
    text_size: int = setting(
        100, "Text size", unit="%", offers=(90, 100, 110, 125, 150), tip="Font size of all text",
    )
    ui_scale: int = setting(
        100, "Interface scale", unit="%", offers=(75, 100, 125, 150, 175, 200, 250, 300),
        tip="Zoom of the whole window, from the next start",
    )
    recorded_mb: int = setting(
        400, "Memory for recorded steps", unit=" MB", offers=RECORDED_MB,
        tip=(
            "See keeps every step of the model. If they need more memory than this, it keeps "
            "fewer,\nevenly spread, and says so. 400 MB hold 64 sprites in 1,000 steps. Applies "
            "to the next sprites."
        ),
    )
    motion: bool = setting(
        True, "Play animations",
        tip="Off: animations wait for Play, and nothing pulses or glides",
    )
    # fmt: on
    #: the user's keys for actions, by their names: a list each, [] = none
    keys: dict[str, object] = dataclasses.field(default_factory=dict)
    workspace: str = "see"  #: name of the last workspace
    geometry: str = ""  #: geometry of the window as Qt saves it, in base64
    #: whether the side panels are expanded
    library_open: bool = True
    inspector_open: bool = True
    #: widths in logical pixels; 0 = default
    library_width: int = 0
    inspector_width: int = 0
    cells_width: int = 0
    #: the last data set ("" = built-in), model and project ("" = none saved)
    data: str = ""
    model: str = ""
    project: str = ""
    training: str = ""  #: the run being trained; still set if the process was killed
    #: recent files, newest first
    recent_data: tuple[str, ...] = ()
    recent_models: tuple[str, ...] = ()
    recent_projects: tuple[str, ...] = ()
    #: folders where file dialogs start
    open_folder: str = ""
    save_folder: str = ""
    export_folder: str = ""
    #: views switched on in See; the first one is the largest
    views: tuple[str, ...] = ()
    #: overlays switched on in the canvas of Draw: "grid", "onion", "tiled"
    canvas_views: tuple[str, ...] = ("grid",)
    #: what the canvas of Draw shows behind transparency: a checkerboard in the theme's shade, light
    #: or dark, or one color
    canvas_board: Literal["theme", "light", "dark", "plain"] = "theme"
    #: the last state of Draw, from DrawState.to_json
    draw: dict[str, object] = dataclasses.field(default_factory=dict)
    smoothing: float = setting(0.6, low=0, high=0.99)  #: smoothing of the loss curve, 0 to 0.99
    log_scale: bool = True  #: whether the loss curve has a log scale
    #: the figure plotted of a training run, and its horizontal axis
    curve_measure: str = "loss"
    curve_axis: str = "step"
    #: runs plotted for comparison
    runs_beside: tuple[str, ...] = ()
    #: whether Live and the judge are on; ``ghost``: opacity of a suggestion, in percent
    live: bool = False
    keep_drawn: bool = True  #: whether Live keeps pixels drawn by hand
    live_variations: bool = False  #: whether all blank cells show variations
    judge: bool = False
    ghost: int = 75
    #: the last training settings, from TrainConfig.to_json
    train: dict[str, object] = dataclasses.field(default_factory=dict)
    #: the last settings of See, from SampleConfig.to_json
    sample: dict[str, object] = dataclasses.field(default_factory=dict)
    #: the last settings of pages, by the names of their forms
    forms: dict[str, object] = dataclasses.field(default_factory=dict)
    #: the page that was open in each workspace
    pages: dict[str, object] = dataclasses.field(default_factory=dict)
    #: the last export settings for animations and sprites, and the last target
    exports: dict[str, object] = dataclasses.field(default_factory=dict)
    #: by file of a set: fingerprints of the sets that it was made from by adding drawings
    grown: dict[str, object] = dataclasses.field(default_factory=dict)
    #: progress and answers in each lesson, by its key; see ``TakenLesson``
    lessons: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def recorded_bytes(self) -> int:
        """Memory for recorded steps in See, in bytes; valid even if the file is not."""
        return 1_000_000 * min(max(self.recorded_mb, RECORDED_MB[0]), RECORDED_MB[-1])


class Settings(ValueModel[Preferences]):
    """The preferences, read on creation. UI thread, except for :meth:`save`.

    A damaged file gives the defaults; a file of a newer Sprite Lab gives whatever can be read of
    it. Either way, ``problem`` reports it, and the file is kept under another name; a version that
    knows the newer schema uses it again.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(Preferences())
        self.problem = ""
        self._saved = Preferences()
        self._writing = threading.Lock()  # the last change may be written while a worker is writing
        #: Fields that a newer version added to a file of our schema, which are kept.
        self._others: dict[str, object] = {}
        try:
            self._path: Path | None = path or paths.config_dir() / FILE_NAME
        except OSError as error:
            self._path = None
            self.problem = tr(
                "Settings cannot be saved, because there is no folder for them: {error}.",
                error=error.strerror or error,
            )
            return
        self._load(self._path)

    def _load(self, path: Path) -> None:
        own = _beside(path, SCHEMA_VERSION)
        try:
            if not path.exists() and not own.exists():
                return
            schema, found = _read(path) if path.exists() else (SCHEMA_VERSION, None)
            if schema > SCHEMA_VERSION:
                self.problem = tr(
                    "The settings were written by a newer Sprite Lab (schema {schema}): the "
                    "ones known here are used, and “{name}” keeps the rest for when you update.",
                    schema=schema,
                    name=_beside(path, schema).name,
                )
            if found is None or (schema != SCHEMA_VERSION and own.exists()):
                if found is not None:
                    path.replace(_beside(path, schema))
                own.replace(path)
                _, found = _read(path)
                schema = SCHEMA_VERSION
            elif schema > SCHEMA_VERSION:
                path.replace(_beside(path, schema))
        except (OSError, ValueError) as error:
            self._put_damaged_aside(path, error)
            return
        self.set(_restore(found))
        if schema == SCHEMA_VERSION:
            self._others = {key: value for key, value in found.items() if key not in _KEYS}
            self._saved = self.value

    def _put_damaged_aside(self, path: Path, error: Exception) -> None:
        aside = path.with_suffix(".damaged.json")
        self.problem = tr(
            "Settings could not be read ({error}), so the defaults are used; the old file was "
            "saved as “{name}”.",
            error=error,
            name=aside.name,
        )
        try:
            path.replace(aside)
        except OSError:
            self._path = None  # do not touch it, whatever it is
            self.problem = tr(
                "Settings could not be read ({error}); the defaults are used, and changes are "
                "not saved.",
                error=error,
            )

    @property
    def unsaved(self) -> bool:
        """Whether anything changed since the file was read or written."""
        return self.value != self._saved

    def save(self) -> None:
        """Write changes made here to the file, and keep those of other windows.

        Any thread; waits for the disk and for other writers. Raises SpriteLabError if it fails.
        """
        if self._path is None:
            return
        with self._writing, held(self._path.with_suffix(".lock")):
            value = self.value
            if value == self._saved:
                return
            document = {
                "schema_version": SCHEMA_VERSION,
                **dataclasses.asdict(_merged(self._path, self._saved, value)),
                **self._others,
            }
            write_json(self._path, document)
            self._saved = value

    def try_to_save(self) -> str:
        """Like :meth:`save`, but return the error as a sentence; "" = none."""
        try:
            self.save()
        except SpriteLabError as error:
            return str(error)
        return ""

    def remember(self, field: str, entry: str) -> None:
        """Put an entry at the top of a "recent" list."""
        before: tuple[str, ...] = getattr(self.value, field)
        self.replace(**{field: (entry, *(e for e in before if e != entry))[:RECENT]})

    def keys_of(self, name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of an action, in Qt's notation: the user's, else the ``usual``; () = none."""
        own = self.value.keys.get(name)
        if isinstance(own, (list, tuple)) and all(isinstance(key, str) for key in own):
            return tuple(own)
        return usual

    def set_keys(self, name: str, keys: tuple[str, ...], usual: tuple[str, ...]) -> None:
        """Set the keys of an action; stored only if they differ from the ``usual`` ones."""
        others = {n: k for n, k in self.value.keys.items() if n != name}
        if keys != usual:
            others[name] = list(keys)
        self.replace(keys=others)


save_settings = call("files", marked("Saving the settings"))(Settings.try_to_save)


#: Tables whose entries can be changed independently by different windows.
_TABLES = ("keys", "forms", "pages", "grown", "lessons")

_KEYS = {"schema_version", *(field.name for field in dataclasses.fields(Preferences))}


def _merged(path: Path, before: Preferences, after: Preferences) -> Preferences:
    """The changes from ``before`` to ``after``, applied to the file's current content.

    If that cannot be read or has another schema, the result is ``after``.
    """
    try:
        schema, found = _read(path)
    except (OSError, ValueError):
        return after
    if schema != SCHEMA_VERSION:
        return after
    theirs, changed = _restore(found), {}
    for field in dataclasses.fields(Preferences):
        was, ours, other = (getattr(each, field.name) for each in (before, after, theirs))
        if field.name.startswith("recent_"):
            new = (entry for entry in other if entry not in (*was, *ours))
            ours = (*ours[:1], *new, *ours[1:])[:RECENT]
        elif ours == was:
            continue
        elif field.name in _TABLES:
            ours = _merged_table(was, ours, other)
        changed[field.name] = ours
    return dataclasses.replace(theirs, **changed)


def _merged_table(
    before: dict[str, object], after: dict[str, object], theirs: dict[str, object]
) -> dict[str, object]:
    """Like :func:`_merged`, for the entries of a table."""
    own = {key: value for key, value in after.items() if before.get(key) != value}
    both = {**theirs, **own}
    return {key: both[key] for key in both if key in after or key not in before}


def _beside(path: Path, schema: int) -> Path:
    """The path where settings of another schema are kept while this version is used."""
    return path.with_suffix(f".schema-{schema}.json")


def _read(path: Path) -> tuple[int, dict[str, object]]:
    """The schema and content of the file; raises ValueError if it is not ours."""
    try:
        check_file(path, LARGEST)  # rejects a pipe, which would block the start
    except FileError as error:
        raise ValueError(str(error)) from None
    found = strict_json.loads(path.read_bytes())
    schema = found.get("schema_version") if isinstance(found, dict) else None
    if type(schema) is not int or schema < 1:
        raise ValueError("it does not say which version it is")
    return schema, found


def _restore(found: dict[str, object]) -> Preferences:
    """Restore each field that has a value of its type; other fields have their defaults."""
    fields: dict[str, Any] = {}
    for known in settings_of(Preferences).values():
        value = found.get(known.name)
        if known.kind is tuple:
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                fields[known.name] = tuple(value)[:RECENT]
        elif known.kind is float:
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                low, high = known.offered
                fields[known.name] = min(max(float(value), low), high)
        elif type(value) is known.kind and (not known.choices or value in known.values):
            fields[known.name] = value
    return Preferences(**fields)
