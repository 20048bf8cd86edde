"""Forms generated from the metadata of configuration fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config.base import Config, Setting, settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import allow, calm, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.number_field import NumberField, number_box
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import number_text, tr, with_marks

C = TypeVar("C", bound=Config)
W = TypeVar("W", bound=QWidget)
V = TypeVar("V")

#: More choices than this become a list instead of buttons.
_MOST_BUTTONS = 3


def gray_item(box: QComboBox, index: int, why: str, tip: str = "") -> None:
    """Disable an entry and show ``why`` as its tooltip; "" = enable it and show ``tip``."""
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    item: QStandardItem = model.item(index)
    item.setEnabled(not why)
    box.setItemData(index, tooltip(why or tip), Qt.ItemDataRole.ToolTipRole)


@dataclass(frozen=True)
class _Field:
    """The widget of one setting, with access to its value."""

    widget: QWidget
    get: Callable[[], object]
    put: Callable[[object], object]
    changed: SignalInstance
    optional: bool = False
    #: shows whether the field stands for several things with different values
    several: Callable[[bool], object] = lambda _: None


class Form(QObject, Generic[C]):
    """Widgets for the fields of a configuration, bound to its value both ways.

    Fields without a widget keep their values. Widgets are named ``<name>.<field>``, or as in
    ``names``. ``lists``: fields whose choices are a list rather than buttons.
    """

    changed = Signal()  #: a value changed, by the user or by the program

    def __init__(
        self,
        value: C,
        parent: QObject | None = None,
        *,
        name: str,
        names: Mapping[str, str] | None = None,
        lists: Collection[str] = (),
    ) -> None:
        super().__init__(parent)
        self._value = value
        self._defaults = type(value)()
        self._settings = settings_of(type(value))
        self.name, self.names, self._lists = name, names or {}, lists
        self._fields: dict[str, _Field] = {}
        self._rules: dict[str, Callable[[C], str]] = {}
        self._tips: dict[QWidget, str] = {}
        self._whys: dict[QWidget, str] = {}
        self._filling = False

    # -- building --------------------------------------------------------------------------------

    def group(
        self,
        title: str,
        *,
        name: str,
        above: Iterable[tuple[str, QWidget]] = (),
        below: Mapping[str, QWidget] | None = None,
        long: Container[str] = (),
        opened: bool = True,
    ) -> FoldGroup:
        """A group of all fields whose Setting names it by this ``title``, in order.

        ``above``: extra rows at the top, with their labels; those without labels take the whole
        width. ``below``: extra widgets, by the field they follow. ``long``: fields that take the
        whole width, below their labels.
        """
        group = FoldGroup(title, name=name, opened=opened)
        for label, widget in above:
            if label:
                group.add_row(label, widget)
            else:
                group.add(widget)
        self.fill(group, below=below, long=long)
        return group

    def fill(
        self,
        group: FoldGroup,
        *,
        below: Mapping[str, QWidget] | None = None,
        long: Container[str] = (),
    ) -> list[str]:
        """Add to ``group`` the fields whose Setting names it and that have no widget yet.

        Returns their names. Parameters are those of :meth:`group`.
        """
        new = [
            path
            for path, known in self._settings.items()
            if path not in self._fields and tr(known.group) == group.title
        ]
        for path in new:
            known, widget = self._settings[path], self.add(path)
            if known.label and known.kind is not bool:
                group.add_row(self.label(path), widget, tr(known.tip), below=path in long)
            else:
                group.add(widget)
            if below and path in below:
                group.add(below[path])
        self.refresh()
        return new

    def add(self, path: str, *, usual: tuple[float, float] | None = None, tip: str = "") -> QWidget:
        """Make and bind the widget of a field; ``usual`` and ``tip`` override the field's."""
        known = _translated(self._settings[path])
        known = replace(known, usual=usual or known.usual, tip=tip or known.tip)
        return self._adopt(path, self._make(known, f"{self.name}.{self.names.get(path, path)}"))

    def bind(
        self,
        path: str,
        widget: W,
        get: Callable[[], V],
        put: Callable[[V], object],
        changed: SignalInstance,
    ) -> W:
        """Bind a custom widget to a field; ``put`` takes any value of the field."""
        field = _Field(widget, get, lambda value: put(cast(V, value)), changed, optional=True)
        self._adopt(path, field)
        return widget

    def _adopt(self, path: str, field: _Field) -> QWidget:
        _put(field, self._value.at(path))
        field.changed.connect(self._on_changed)
        self._fields[path] = field
        return field.widget

    def label(self, path: str) -> str:
        return tr(self._settings[path].label)

    def _make(self, known: Setting, name: str) -> _Field:
        if known.choices:
            if known.name in self._lists or len(known.choices) > _MOST_BUTTONS:
                return _list(known, name)
            return _buttons(known, name)
        if known.kind is bool:
            return _check_box(known, name)
        if known.kind is str:
            line = named(QLineEdit(), name, known.label, known.tip)
            line.setMaxLength(known.longest or line.maxLength())
            line.setPlaceholderText(known.unset)
            return _Field(line, line.text, lambda text: _write(line, str(text)), line.textChanged)
        if known.offers:
            return _numbers(known, name)
        if known.name == "seed":
            seed = SeedField(name=name, locked=True)
            return _Field(seed, lambda: seed.seed, lambda n: seed.set_seed(_whole(n)), seed.changed)
        if not known.slider:
            return _spin_box(known, name)
        return _number_field(known, name, self._defaults.at(known.name))

    def widget(self, path: str, kind: type[W]) -> W:
        found = self._fields[path].widget
        assert isinstance(found, kind)
        return found

    def gray(self, paths: str | Iterable[str], rule: Callable[[C], str]) -> None:
        """Disable fields while ``rule`` returns a reason for the value; the tooltip shows it."""
        for path in [paths] if isinstance(paths, str) else paths:
            self._rules[path] = rule
        self.refresh()

    def set_choice(self, path: str, value: str | int, *, text: str = "", why: str = "") -> None:
        """Change the text of a list entry, or disable it for the reason ``why``."""
        box, choice = self.widget(path, QComboBox), self._settings[path].choice(value)
        index = box.findData(value)
        box.setItemText(index, text or tr(choice.label))
        gray_item(box, index, why, tr(choice.tip))

    # -- values ----------------------------------------------------------------------------------

    @property
    def value(self) -> C:
        """The configuration in the widgets; raises ConfigError if the values are inconsistent."""
        return self._value.having(self.values)

    @property
    def values(self) -> dict[str, object]:
        """The values of the widgets by field name."""
        return {path: field.get() for path, field in self._fields.items()}

    def set_value(self, value: C) -> None:
        """Show a configuration; fields without a widget take its values, too."""
        self._value = value
        self._filling = True
        for path, field in self._fields.items():
            _put(field, value.at(path))
        self._filling = False
        self._on_changed()

    def show_several(self, values: Sequence[C]) -> None:
        """Show the first of several configurations, and which fields differ in others."""
        self.set_value(values[0])
        self._filling = True
        for path, field in self._fields.items():
            field.several(len({value.at(path) for value in values}) > 1)
        self._filling = False

    def on_edit(self, path: str, then: Callable[[object], object]) -> None:
        """Call ``then`` with the value of a field when the user changes it."""
        field = self._fields[path]
        field.changed.connect(lambda *_: self._filling or then(field.get()))

    def set_others(self, value: C) -> None:
        """Take the fields without a widget from a configuration."""
        self._value = value
        self._on_changed()

    def remember(self, settings: Settings) -> None:
        """Show the value of the last session, if it is still valid, and keep every change."""
        stored = settings.value.forms.get(self.name)
        if stored is not None:
            with suppress(ConfigError):  # of another version
                self.set_value(type(self._value).from_json(stored))
        self.changed.connect(lambda: self._keep(settings))

    def _keep(self, settings: Settings) -> None:
        with suppress(ConfigError):  # inconsistent for now
            value = self.value.to_json()
            settings.replace(forms=settings.value.forms | {self.name: value})

    def _on_changed(self, *_: object) -> None:
        if not self._filling:
            self.refresh()
            self.changed.emit()

    def refresh(self) -> None:
        """Apply the rules again, as after an outside change that they depend on."""
        if not self._rules:
            return
        try:
            value = self.value
        except ConfigError:  # inconsistent for now: keep what is disabled
            return
        for path, rule in self._rules.items():
            if path in self._fields:
                self._explain(self._fields[path].widget, rule(value))

    def _explain(self, widget: QWidget, why: str) -> None:
        if self._whys.get(widget) == why and widget.isEnabled() != bool(why):
            return  # as said before
        self._whys[widget] = why
        allow(widget, why, self._tips.setdefault(widget, widget.toolTip()))
        for part in [widget, *widget.findChildren(QWidget)]:
            tip = self._tips.setdefault(part, part.toolTip())
            if tip or part is widget:
                part.setToolTip(tooltip(why or tip))


def _put(field: _Field, value: object) -> None:
    if value is not None or field.optional:
        field.put(value)


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return value


def _whole(value: object) -> int:
    return round(_number(value))


def _translated(known: Setting) -> Setting:
    """A Setting in the user's language, with its full name as its label."""
    choices = tuple(replace(c, label=tr(c.label), tip=tr(c.tip)) for c in known.choices)
    return replace(
        known,
        label=tr(known.title or known.label),
        title="",
        tip=tr(known.tip),
        unit=tr(known.unit),
        unset=tr(known.unset),
        choices=choices,
    )


def _write(line: QLineEdit, text: str) -> None:
    """Show a text from its beginning."""
    if text != line.text():
        line.setText(text)
        line.setCursorPosition(0)


def _check_box(known: Setting, name: str) -> _Field:
    box = named(QCheckBox(known.label), name, known.label, known.tip)

    def show_several(several: bool) -> None:
        box.setTristate(several)
        if several:
            box.setCheckState(Qt.CheckState.PartiallyChecked)

    def put(on: object) -> None:
        box.setChecked(bool(on))

    return _Field(box, box.isChecked, put, box.checkStateChanged, several=show_several)


def _buttons(known: Setting, name: str) -> _Field:
    options = [Option[object](c.value, c.label, tip=c.tip) for c in known.choices]
    buttons = Segmented(name, known.label, *options, stretch=True)
    return _Field(buttons, lambda: buttons.value, buttons.set_value, buttons.changed)


def _list(known: Setting, name: str) -> _Field:
    box = calm(ElidedComboBox(), name, known.label, known.tip)
    if known.optional:
        box.addItem(known.unset, None)
    for choice in known.choices:
        box.addItem(choice.label, choice.value)
        box.setItemData(box.count() - 1, tooltip(choice.tip), Qt.ItemDataRole.ToolTipRole)

    def put(value: object) -> None:
        rows = [row for row in range(box.count()) if box.itemData(row) == value]
        box.setCurrentIndex(rows[0] if rows else 0)

    return _Field(box, box.currentData, put, box.currentIndexChanged, known.optional)


def _numbers(known: Setting, name: str) -> _Field:
    box = calm(ElidedComboBox(), name, known.label, known.tip)

    def put(value: object) -> None:
        if box.findData(value) < 0:
            there = [_whole(box.itemData(row)) for row in range(box.count())]
            numbers = sorted({*known.offers, *there, _whole(value)})
            with QSignalBlocker(box):
                box.clear()
                for count in numbers:
                    box.addItem(number_text(count) + with_marks(known.unit), count)
        box.setCurrentIndex(box.findData(value))

    return _Field(box, box.currentData, put, box.currentIndexChanged)


def _spin_box(known: Setting, name: str) -> _Field:
    box = number_box(known, round(known.offered[0]), name=name)
    return _Field(box, box.value, lambda n: box.setValue(_whole(n)), box.valueChanged)


def _number_field(known: Setting, name: str, default: float) -> _Field:
    field = NumberField(known, default, name=name)

    def get() -> float:
        if known.kind is int:
            return round(field.value / known.multiple) * known.multiple
        return field.value

    def put(value: object) -> None:
        field.set_value(_number(value))

    return _Field(field, get, put, field.changed, several=field.set_several)
