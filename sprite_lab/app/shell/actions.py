"""The table of the window's actions, for menus and the list of keys."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.words import tr


@dataclass(frozen=True)
class ActionSpec:
    """One action. ``keys``: in Qt's notation; the first one is shown."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str | None = None
    checkable: bool = False


#: Pages of Draw for sets of cells, each with an action ``run.<name>``.
DRAW_SETS = {"style": tr("My style"), "terrain": tr("Terrain"), "character": tr("Character")}

#: Actions by menu; None = a separator. A name that ends in ".menu" is a submenu that the window
#: fills.
MENUS: dict[str, tuple[ActionSpec | None, ...]] = {
    tr("&File"): (
        ActionSpec(
            "file.new", tr("&New project"), ("Ctrl+N",), tr("Start an empty grid of drawings")
        ),
        ActionSpec("file.open", tr("&Open project…"), ("Ctrl+O",), icon="open"),
        ActionSpec("file.recent.menu", tr("Open &recent")),
        None,
        ActionSpec("file.open_data", tr("Open &data set…"), ("Ctrl+Shift+O",), icon="data"),
        ActionSpec(
            "file.open_store",
            tr("Open sprite s&tore…"),
            tip=tr(
                "Open a folder NAME.sprites, which may contain a million sprites, as the data set"
            ),
        ),
        ActionSpec(
            "file.import",
            tr("&Import sprites…"),
            ("Ctrl+I",),
            tr("Make a data set from pictures, sheets, folders or archives"),
            "import",
        ),
        ActionSpec(
            "file.open_run", tr("Open training r&un…"), tip=tr("Open a run folder as the model")
        ),
        ActionSpec(
            "file.follow",
            tr("&Follow training…"),
            tip=tr("Watch and steer a training run of another process, here or over SSH"),
        ),
        ActionSpec(
            "file.open_weights", tr("Open &weights…"), tip=tr("Open .safetensors as the model")
        ),
        ActionSpec(
            "file.get_model",
            tr("Get s&hared model…"),
            tip=tr(
                "Download a model that somebody has shared on the Hugging Face Hub, and open it"
            ),
        ),
        ActionSpec("file.open_lesson", tr("Open &lesson…"), tip=tr("Open a lesson from a file")),
        ActionSpec(
            "file.open_results",
            tr("Open results of a &class…"),
            tip=tr("Show, as a table, the answers and pictures that students have saved"),
        ),
        None,
        ActionSpec("file.save", tr("&Save project"), ("Ctrl+S",), icon="save"),
        ActionSpec("file.save_as", tr("Save project &as…"), ("Ctrl+Shift+S",)),
        ActionSpec(
            "file.save_data",
            tr("Save data se&t"),
            tip=tr("Write the data set as it is now to its file"),
        ),
        ActionSpec(
            "file.save_data_as",
            tr("Save data set as…"),
            tip=tr("Write the data set as it is now to another file"),
        ),
        ActionSpec(
            "file.export",
            tr("&Export…"),
            ("Ctrl+E",),
            tr("Animations and sprites, as GIF, PNG, WebP or video"),
            "export",
        ),
        ActionSpec(
            "file.export_again",
            tr("Repeat last e&xport"),
            ("Ctrl+Shift+E",),
            tr("Repeat the last export with the current content, under a new name beside it"),
        ),
        None,
        ActionSpec(
            "file.export_model",
            tr("Export &model…"),
            tip=tr("The model as .safetensors, with its model card"),
        ),
        ActionSpec(
            "file.export_onnx",
            tr("Ex&port model as ONNX…"),
            tip=tr("The model for programs without Sprite Lab, with a sampling script"),
        ),
        ActionSpec(
            "file.export_web",
            tr("Export web pa&ge…"),
            tip=tr(
                "The open model on one page, where others can watch it, sample it and draw with it"
            ),
        ),
        ActionSpec(
            "file.share",
            tr("S&hare model…"),
            tip=tr("Publish the model on the Hugging Face Hub, with its card and a page"),
        ),
        ActionSpec(
            "file.report",
            tr("La&b report…"),
            tip=tr("Everything about the model on one page, for a browser or a printer"),
        ),
        None,
        ActionSpec("file.close", tr("&Close window"), ("Ctrl+W",)),
        ActionSpec("file.quit", tr("&Quit"), ("Ctrl+Q",), tr("Exit Sprite Lab")),
    ),
    tr("&Edit"): (
        ActionSpec("edit.undo", tr("&Undo"), ("Ctrl+Z",), icon="undo"),
        ActionSpec("edit.redo", tr("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"),
        ActionSpec(
            "edit.history",
            tr("&History"),
            ("Ctrl+Shift+H",),
            tr("All steps; go back to any of them"),
            "clock",
        ),
        None,
        ActionSpec("edit.cut", tr("Cu&t"), icon="cut"),
        ActionSpec("edit.copy", tr("&Copy"), icon="copy"),
        ActionSpec("edit.paste", tr("&Paste"), icon="paste"),
        ActionSpec("edit.select_all", tr("Select &all")),
        ActionSpec("edit.select_none", tr("Select &none")),
        None,
        ActionSpec(
            "edit.flip_horizontal",
            tr("&Flip left to right"),
            tip=tr("Mirror the selection in Draw, or else all layers of the selected cells"),
            icon="flip-horizontal",
        ),
        ActionSpec(
            "edit.flip_vertical",
            tr("Flip top to &bottom"),
            tip=tr("Mirror the selection in Draw, or else all layers of the selected cells"),
            icon="flip-vertical",
        ),
        ActionSpec(
            "edit.turn_left",
            tr("Rotate &left"),
            tip=tr(
                "Rotate the selection in Draw, or else all layers of the selected cells, by 90°"
            ),
            icon="turn-left",
        ),
        ActionSpec(
            "edit.turn_right",
            tr("&Rotate right"),
            tip=tr(
                "Rotate the selection in Draw, or else all layers of the selected cells, by 90°"
            ),
            icon="turn-right",
        ),
        ActionSpec(
            "edit.rotate",
            tr("Rotate by an an&gle…"),
            tip=tr(
                "Rotate the selection in Draw, or else all layers of the selected cells, by any "
                "angle"
            ),
        ),
        ActionSpec(
            "edit.clean_up",
            tr("Clean &up…"),
            tip=tr(
                "Remove lone pixels and single-use colors, and close broken outlines, after a "
                "preview"
            ),
        ),
        None,
        ActionSpec(
            "edit.mask",
            tr("Paint a mas&k"),
            tip=tr("Mark the pixels that the model keeps when it draws"),
            icon="keep-drawn",
        ),
        ActionSpec(
            "edit.mask_drawn",
            tr("&Mask: keep what is drawn"),
            tip=tr("The model draws only where the selected cells are empty"),
        ),
        ActionSpec(
            "edit.mask_clear",
            tr("Mask: cl&ear"),
            tip=tr("The model may draw every pixel of the selected cells again"),
        ),
        None,
        ActionSpec(
            "edit.commands",
            tr("Co&mmand palette…"),
            ("Ctrl+Shift+P",),
            tr("Find any command by typing"),
            "search",
        ),
        ActionSpec("edit.keys", tr("Change &keys…"), tip=tr("Change the keys of actions")),
        ActionSpec(
            "edit.settings",
            tr("Se&ttings…"),
            ("Ctrl+,",),
            tr("Preferences: theme, language, text size and memory"),
            "settings",
        ),
    ),
    tr("&Layer"): (
        ActionSpec("layer.add", tr("&New layer"), icon="add"),
        ActionSpec("layer.duplicate", tr("&Duplicate layer"), icon="duplicate"),
        ActionSpec("layer.rename", tr("&Rename layer"), icon="pencil"),
        ActionSpec("layer.remove", tr("D&elete layer"), icon="trash"),
        None,
        ActionSpec("layer.show", tr("&Show or hide layer"), icon="see"),
        ActionSpec("layer.lock", tr("Lo&ck or unlock layer"), icon="lock"),
        ActionSpec(
            "layer.let_generate",
            tr("Let the &model draw on it"),
            tip=tr("The model draws on this layer; what lies above it stays"),
            icon="generate",
        ),
        None,
        ActionSpec("layer.above", tr("Draw on the layer &above"), ("Ctrl+PgUp",)),
        ActionSpec("layer.below", tr("Draw on the layer &below"), ("Ctrl+PgDown",)),
        ActionSpec("layer.raise_layer", tr("Move layer &up"), icon="shift-up"),
        ActionSpec("layer.lower_layer", tr("Move layer d&own"), icon="shift-down"),
        None,
        ActionSpec(
            "layer.merge_down", tr("Merge do&wn"), tip=tr("Merge this layer into the one below it")
        ),
        ActionSpec(
            "layer.flatten",
            tr("&Flatten"),
            tip=tr("Merge all visible layers into one; hidden layers are removed"),
        ),
    ),
    tr("&Run"): (
        ActionSpec(
            "run.train", tr("Start &training"), (), tr("Train on the open data set"), "train"
        ),
        ActionSpec("run.pause", tr("&Pause training"), checkable=True, icon="pause"),
        ActionSpec("run.stop", tr("&Stop training and keep the model"), icon="stop"),
        None,
        ActionSpec(
            "run.generate",
            tr("&Generate"),
            ("Ctrl+Enter", "Ctrl+Return"),
            tr("Draw new sprites with the model"),
            "generate",
        ),
        ActionSpec(
            "run.contact_sheet",
            tr("Contact s&heet…"),
            ("Ctrl+Shift+K",),
            tr("The same noises with one setting varied, side by side, to keep, print or export"),
            "grid",
        ),
        None,
        ActionSpec(
            "run.style",
            tr("&My style"),
            tip=tr("From your own sprites to new ones in an engine, step by step"),
            icon="star",
        ),
        ActionSpec(
            "run.terrain",
            tr("Te&rrain"),
            tip=tr(
                "A terrain sheet: sixteen tiles between two grounds, drawn together so that their "
                "edges agree"
            ),
            icon="grid",
        ),
        ActionSpec(
            "run.character",
            tr("&Character"),
            tip=tr(
                "A character sheet: from one drawing, the other directions and a walk, which you "
                "try with the arrow keys"
            ),
            icon="frames",
        ),
    ),
    tr("&View"): (
        ActionSpec("view.see", tr("&See"), ("Ctrl+1",), checkable=True),
        ActionSpec("view.train", tr("&Train"), ("Ctrl+2",), checkable=True),
        ActionSpec("view.draw", tr("&Draw"), ("Ctrl+3",), checkable=True),
        ActionSpec("view.measure", tr("&Measure"), ("Ctrl+4",), checkable=True),
        ActionSpec("view.data", tr("D&ata"), ("Ctrl+5",), checkable=True),
        None,
        ActionSpec("view.theme.menu", tr("T&heme")),
        ActionSpec("view.library", tr("&Library panel"), ("F9",), checkable=True),
        ActionSpec("view.inspector", tr("&Inspector panel"), ("F10",), checkable=True),
        ActionSpec("view.stage_only", tr("Stage &only"), ("Shift+F11",), checkable=True),
        ActionSpec(
            "view.projector",
            tr("&Projector"),
            tip=tr(
                "For a classroom: text at 150%, high contrast, library hidden; choose it again to "
                "go back"
            ),
            checkable=True,
        ),
        ActionSpec("view.full_screen", tr("&Full screen"), ("F11",), checkable=True),
        ActionSpec("view.notices", tr("&Notices"), tip=tr("All notices so far")),
    ),
    tr("&Help"): (
        ActionSpec("help.guide", tr("&User guide"), ("F1",), tr("What everything means"), "help"),
        ActionSpec(
            "help.lessons",
            tr("&Lessons"),
            (),
            tr("Guided tutorials of a few minutes"),
            "lesson",
            True,
        ),
        ActionSpec(
            "help.results",
            tr("Save res&ults of lessons…"),
            tip=tr("Your answers and pictures as a file for your teacher"),
        ),
        ActionSpec(
            "help.fresh_desk",
            tr("&Reset for the next student…"),
            tip=tr("Clear answers, pictures and settings for the next student"),
        ),
        ActionSpec(
            "help.teaching", tr("&Teaching with Sprite Lab"), tip=tr("Plans, notes, results")
        ),
        ActionSpec(
            "help.control_name",
            tr("&Name of the control under the pointer"),
            ("Shift+F1",),
            tr("For writing lessons; the name is copied, too"),
        ),
        ActionSpec("help.keys", tr("&Keys"), ("?",), tr("All keyboard shortcuts")),
        None,
        ActionSpec("help.gpu", tr("Use a &graphics card…"), tip=tr("How PyTorch finds your card")),
        ActionSpec(
            "help.updates",
            tr("Check for u&pdates…"),
            tip=tr("Look for a newer version; Sprite Lab never does this by itself"),
        ),
        ActionSpec("help.about", tr("&About Sprite Lab"), icon="info"),
    ),
}

#: Fixed keys by place, for the list of keys.
PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    tr("Timeline and sprite views"): (
        (tr("Left, Right"), tr("one frame back or forward")),
        (tr("Home, End"), tr("first or last frame")),
        (tr("Page Up, Page Down"), tr("ten frames")),
        ("Space", tr("play or pause")),
        (tr("Enter, double click"), tr("show the selected sprite large, or all")),
        ("Ctrl+C", tr("copy the selected sprite")),
        (tr("Right click, Menu"), tr("copy, send to Draw, dissolve or export it")),
    ),
    tr("Canvas"): (
        (tr("Wheel, 1 to 6"), tr("zoom")),
        ("0, F", tr("show the whole sprite")),
        (tr("Middle button, Space and drag"), tr("pan")),
        (tr("Arrow keys, Space"), tr("move the cursor, paint; with Move they move the drawing")),
        ("Alt", tr("pick a color while it is held")),
        (tr("Shift"), tr("straight line from the last pixel")),
        (tr("Enter, Esc"), tr("take Live's suggestion, or hide it")),
    ),
    tr("Cells"): (
        (tr("Drag, Ctrl+drag"), tr("move or copy the selected cells")),
        (tr("Ctrl+click, Shift+click, Ctrl+A"), tr("select several, or all")),
        ("F2", tr("name and tags")),
    ),
    tr("Palette"): (
        (tr("Drag, Alt+arrow keys"), tr("move a color")),
        (tr("Double click"), tr("edit it")),
    ),
    tr("Map of a terrain"): (
        (
            tr("Drag, Space"),
            tr("paint the second ground, or with the right button or Backspace the first"),
        ),
        (tr("Arrow keys"), tr("move the cursor")),
    ),
    tr("Variations"): (
        ("K", tr("keep the selected ones, and move on")),
        (tr("Delete, D"), tr("discard the selected ones, and move on")),
        ("Enter", tr("put the kept ones into blank cells")),
        ("Esc", tr("cancel, or return to the canvas")),
    ),
    tr("Data set"): (
        (tr("Drag, Ctrl+click, Shift+click, Ctrl+A"), tr("select several sprites, or all")),
        (tr("Ctrl+arrow keys, Ctrl+Space"), tr("move without selecting; add or remove")),
        (tr("1 to 9, 0"), tr("assign a class to the selected sprites, or none")),
        ("Delete", tr("remove the selected sprites")),
        ("F2", tr("rename the selected class, or edit the table of credits")),
        (tr("Enter, double click"), tr("see the sprite dissolve")),
    ),
    tr("Import"): (
        (
            tr("Arrow keys on the sheet"),
            tr("move the grid; with Ctrl the cell size, with Alt the spacing"),
        ),
        (tr("1 to 9, 0"), tr("assign a class to the selected sprites, or none")),
        ("Delete", tr("remove the selected sprites")),
        (tr("Ctrl+click, Shift+click, drag, Ctrl+A"), tr("select several sprites, or all")),
        (tr("Ctrl+Z, Ctrl+Shift+Z"), tr("undo or redo a choice")),
    ),
    tr("Loss curve"): ((tr("Wheel, drag"), tr("zoom and pan")), ("A", tr("show everything again"))),
}
