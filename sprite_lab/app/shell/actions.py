"""The table of actions of the window, from which menus and the list of keys are built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """One action. ``keys``: in Qt's notation; the first one is shown."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str | None = None
    checkable: bool = False


#: Pages of Draw for more than one cell, each with an action ``run.<name>``.
DRAW_SETS = {"style": "Sprites in my style", "terrain": "Terrain", "character": "Character"}

#: Actions by menu; None = a separator. A name that ends in ".menu" is a submenu, which
#: the window fills.
MENUS: dict[str, tuple[ActionSpec | None, ...]] = {
    "&File": (
        ActionSpec("file.new", "&New project", ("Ctrl+N",), "Start an empty grid of drawings"),
        ActionSpec("file.open", "&Open project…", ("Ctrl+O",), icon="open"),
        ActionSpec("file.recent.menu", "Open &recent"),
        None,
        ActionSpec("file.open_data", "Open &data set…", ("Ctrl+Shift+O",), icon="data"),
        ActionSpec(
            "file.open_store",
            "Open sprite s&tore…",
            tip="Open a folder NAME.sprites, which may hold a million sprites, as the data set",
        ),
        ActionSpec(
            "file.import",
            "&Import sprites…",
            ("Ctrl+I",),
            "Make a data set of pictures, sheets, folders or archives",
            "import",
        ),
        ActionSpec("file.open_run", "Open training r&un…", tip="Open a run folder as the model"),
        ActionSpec(
            "file.follow",
            "&Follow training…",
            tip="Watch and steer a training that another process does, here or over SSH",
        ),
        ActionSpec("file.open_weights", "Open &weights…", tip="Open .safetensors as the model"),
        ActionSpec(
            "file.get_model",
            "Get s&hared model…",
            tip="Fetch a model that somebody has shared on the Hugging Face Hub, and open it",
        ),
        ActionSpec(
            "file.open_lesson", "Open &lesson…", tip="Take a lesson that somebody has written"
        ),
        ActionSpec(
            "file.open_results",
            "Open results of a &class…",
            tip="The answers and pictures that students have saved, as a table",
        ),
        None,
        ActionSpec("file.save", "&Save project", ("Ctrl+S",), icon="save"),
        ActionSpec("file.save_as", "Save project &as…", ("Ctrl+Shift+S",)),
        ActionSpec(
            "file.save_data", "Save data se&t as…", tip="Write the data set as it is now to a file"
        ),
        ActionSpec(
            "file.export",
            "&Export…",
            ("Ctrl+E",),
            "Animations and sprites, as GIF, PNG, WebP or video",
            "export",
        ),
        ActionSpec(
            "file.export_again",
            "Repeat last e&xport",
            ("Ctrl+Shift+E",),
            "What was exported last, as it is now, under a new name beside it",
        ),
        None,
        ActionSpec(
            "file.export_model",
            "Export &model…",
            tip="The open model as .safetensors, with a card that says what it is",
        ),
        ActionSpec(
            "file.export_onnx",
            "Ex&port model as ONNX…",
            tip="The open model for programs without Sprite Lab, with a script that samples",
        ),
        ActionSpec(
            "file.export_web",
            "Export web pa&ge…",
            tip="The open model in one page, in which others watch it, sample it and draw with it",
        ),
        ActionSpec(
            "file.share",
            "S&hare model…",
            tip="Put the open model on the Hugging Face Hub, with its card and a page",
        ),
        ActionSpec(
            "file.report",
            "La&b report…",
            tip="All there is to tell of the open model, on one page for a browser or a printer",
        ),
        None,
        ActionSpec("file.close", "&Close window", ("Ctrl+W",)),
        ActionSpec("file.quit", "&Quit", ("Ctrl+Q",)),
    ),
    "&Edit": (
        ActionSpec("edit.undo", "&Undo", ("Ctrl+Z",), icon="undo"),
        ActionSpec("edit.redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"),
        ActionSpec(
            "edit.history", "&History", ("Ctrl+Shift+H",), "All steps, to go back to any", "clock"
        ),
        None,
        ActionSpec("edit.cut", "Cu&t"),
        ActionSpec("edit.copy", "&Copy", icon="copy"),
        ActionSpec("edit.paste", "&Paste", icon="paste"),
        ActionSpec("edit.select_all", "Select &all"),
        ActionSpec("edit.select_none", "Select &none"),
        None,
        ActionSpec(
            "edit.flip_horizontal",
            "&Flip left to right",
            tip="Mirror what is selected in Draw, or else the chosen cells",
            icon="flip-horizontal",
        ),
        ActionSpec(
            "edit.flip_vertical",
            "Flip top to &bottom",
            tip="Mirror what is selected in Draw, or else the chosen cells",
            icon="flip-vertical",
        ),
        ActionSpec(
            "edit.turn_left",
            "Rotate to the &left",
            tip="Turn what is selected in Draw, or else the chosen cells, a quarter",
            icon="turn-left",
        ),
        ActionSpec(
            "edit.turn_right",
            "&Rotate to the right",
            tip="Turn what is selected in Draw, or else the chosen cells, a quarter",
            icon="turn-right",
        ),
        ActionSpec(
            "edit.rotate",
            "Rotate by an an&gle…",
            tip="Turn what is selected in Draw, or else the chosen cells, by any angle",
        ),
        ActionSpec(
            "edit.clean_up",
            "Clean &up…",
            tip="Lone pixels, broken outlines and colors that occur once, shown before it is done",
        ),
        None,
        ActionSpec(
            "edit.commands",
            "Co&mmand palette…",
            ("Ctrl+Shift+P",),
            "Find whatever can be done by typing",
            "search",
        ),
        ActionSpec("edit.keys", "Change &keys…", tip="Give actions other keys"),
        ActionSpec("edit.settings", "Se&ttings…", ("Ctrl+,",), icon="settings"),
    ),
    "&Run": (
        ActionSpec("run.train", "Start &training", (), "Train on the open data set", "train"),
        ActionSpec("run.pause", "&Pause training", checkable=True, icon="pause"),
        ActionSpec("run.stop", "&Stop training and keep it", icon="stop"),
        None,
        ActionSpec(
            "run.generate",
            "&Generate",
            ("Ctrl+Return", "Ctrl+Enter"),
            "Draw new sprites with the model",
            "generate",
        ),
        ActionSpec(
            "run.contact_sheet",
            "Contact s&heet…",
            ("Ctrl+Shift+K",),
            "The same noises with one setting varied, side by side, to keep, print or export",
            "grid",
        ),
        None,
        ActionSpec(
            "run.style",
            "Sprites in &my style…",
            tip="From your own sprites to new ones in an engine, step by step",
            icon="star",
        ),
        ActionSpec(
            "run.terrain",
            "Te&rrain…",
            tip="Sixteen tiles between two grounds, drawn together so that their edges agree",
            icon="grid",
        ),
        ActionSpec(
            "run.character",
            "&Character…",
            tip="From one drawing the other directions and a walk, tried under the arrow keys",
            icon="frames",
        ),
    ),
    "&View": (
        ActionSpec("view.see", "&See", ("Ctrl+1",), checkable=True),
        ActionSpec("view.train", "&Train", ("Ctrl+2",), checkable=True),
        ActionSpec("view.draw", "&Draw", ("Ctrl+3",), checkable=True),
        ActionSpec("view.measure", "&Measure", ("Ctrl+4",), checkable=True),
        ActionSpec("view.data", "D&ata", ("Ctrl+5",), checkable=True),
        None,
        ActionSpec("view.theme.menu", "T&heme"),
        ActionSpec("view.library", "&Library panel", ("F9",), checkable=True),
        ActionSpec("view.inspector", "&Inspector panel", ("F10",), checkable=True),
        ActionSpec("view.stage_only", "Stage &only", ("Shift+F11",), checkable=True),
        ActionSpec(
            "view.projector",
            "&Projector",
            tip="For a class: text at 150 %, the light theme, the library folded away; and back",
            checkable=True,
        ),
        ActionSpec("view.full_screen", "&Full screen", ("F11",), checkable=True),
        ActionSpec("view.notices", "&Notices", tip="What was said so far"),
    ),
    "&Help": (
        ActionSpec("help.guide", "&User guide", ("F1",), "What all of it means", "help"),
        ActionSpec(
            "help.lessons", "&Lessons", (), "Guided lessons of a few minutes", "lesson", True
        ),
        ActionSpec(
            "help.results",
            "Save res&ults of lessons…",
            tip="Your answers and pictures as a file, for your teacher",
        ),
        ActionSpec(
            "help.fresh_desk",
            "&Fresh desk…",
            tip="Start anew for the next student: answers, pictures and settings are cleared",
        ),
        ActionSpec("help.teaching", "&Teaching with Sprite Lab", tip="Plans, notes, results"),
        ActionSpec(
            "help.control_name",
            "&Name of the control under the pointer",
            ("Shift+F1",),
            "For writing lessons; it is copied, too",
        ),
        ActionSpec("help.keys", "&Keys", ("?",)),
        None,
        ActionSpec("help.gpu", "Use a &graphics card…", tip="How PyTorch finds your card"),
        ActionSpec(
            "help.updates",
            "Check for u&pdates…",
            tip="Ask whether there is a newer version; it is never asked by itself",
        ),
        ActionSpec("help.about", "&About Sprite Lab", icon="info"),
    ),
}

#: Fixed keys by place, for the list of keys.
PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "Timeline and sprite views": (
        ("Left, Right", "one frame back or on"),
        ("Home, End", "first or last frame"),
        ("Page Up, Page Down", "ten frames"),
        ("Space", "play or pause"),
        ("Enter, double click", "show the chosen sprite large, or all"),
        ("Ctrl+C", "copy the chosen sprite"),
        ("Right click, Menu", "copy, send to Draw, dissolve or export it"),
    ),
    "Canvas": (
        ("Wheel, 1 to 6", "zoom"),
        ("0, F", "see all of the sprite"),
        ("Middle button, Space and drag", "pan"),
        ("Arrow keys, Space", "move the cursor, paint; with Move they move the drawing"),
        ("Alt", "pick a color while it is held"),
        ("Shift", "straight line from the last pixel"),
        ("Enter, Esc", "take what Live suggests, or hide it"),
    ),
    "Cells": (
        ("Drag, Ctrl+drag", "move or copy the chosen cells"),
        ("Ctrl+click, Shift+click, Ctrl+A", "choose several, or all"),
        ("F2", "name and tags"),
    ),
    "Palette": (
        ("Drag, Alt+arrow keys", "move a color"),
        ("Double click", "mix it anew"),
    ),
    "Map of a terrain": (
        ("Drag, Space", "paint the second ground, or with the right button or Backspace the first"),
        ("Arrow keys", "move the cursor"),
    ),
    "Variations": (
        ("K", "keep the chosen ones, and go on"),
        ("Delete, D", "discard the chosen ones, and go on"),
        ("Enter", "put the kept ones into blank cells"),
        ("Esc", "cancel, or back to the canvas"),
    ),
    "Data set": (
        ("Drag, Ctrl+click, Shift+click, Ctrl+A", "choose several sprites, or all"),
        ("Ctrl+arrow keys, Ctrl+Space", "move without choosing, add or take out"),
        ("1 to 9, 0", "give the chosen sprites a class, or none"),
        ("Delete", "drop the chosen sprites"),
        ("F2", "rename the chosen class, or write into the table of credits"),
        ("Enter, double click", "see the sprite dissolve"),
    ),
    "Import": (
        ("Arrow keys on the sheet", "move the grid; with Ctrl the cell size, with Alt the spacing"),
        ("1 to 9, 0", "give the chosen sprites a class, or none"),
        ("Delete", "leave the chosen sprites out"),
        ("Ctrl+click, Shift+click, drag, Ctrl+A", "choose several sprites, or all"),
        ("Ctrl+Z, Ctrl+Shift+Z", "undo a choice, or do it again"),
    ),
    "Loss curve": (
        ("Wheel, drag", "zoom and pan"),
        ("A", "show all of it again"),
    ),
}
