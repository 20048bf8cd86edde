"""Heads of diagonal weapons, pointing to the upper right."""

# Each text is stamped with its lower left corner at the end of the shaft.
HEADS = {
    "spear": "..mmm .mMmm mMmmn .mmn. m.n..",
    "axe": "..mm.. .mMmm. .mMmmm ..mmmm ...mmn ..w.n.",
    "double axe": "...mmm. ..mMmmm .mMm.ww mmmwwwm mMw.wmm mwwwmm. wwmmmn. ..mmn..",
    "hammer": "..mm... .mMmm.. mMmmmm. .mmmmmm ..mmmmn ..wmmn. ....n..",
    "mace": ".m.m.m ..mMm. mmMmmm .mmmm. mwmmnm ..m... ",
    "trident": ".m..m .mm.M .m.mm ..mmm mmmm. .mm.. w....",
    "halberd": "....mM ..m.mm .mMmw. mMmmm. .mmmnm ..mn..",
    "orb staff": "..aa.. .aAaa. gaAaab gaaaab .gaab. .wggg.",
    "gem staff": "...aaa ..aAAa .gaAab ggaabb .ggbb. wwgg..",
    "moon staff": "..gG.. .gg... gg..g. gg..gg wggggf .wfff.",
    "club": "...www ..wWww .wWwww wWwwwv wwwwv. .wvv..",
    "shovel": "...mmm ..mMmm .mMmmm mMmmmn mmmmn. .mmn..",
    "pickaxe": ".mmm.... ..mMmm.. ....mMm. ...wwmmm ..www.mn .ww...mn ......mn .......n",
    "scythe": ".mmm.... ..mMmm.. ...mMmm. ....mMmm .....wmm ....w.mn ...w..m. ......m.",
    "broom": "...ggg ..gGgg .gGgGg aagGgf waagff .waff.",
    "fork": "..m..m .m..m. m..m.m mmm.m. .mmm.. wm....",
    "torch staff": "...y.. ..yYy. .yYayy .yaay. wwaay. .ww...",
    "arrow": "..mmm .mmmm ..mMm .w.mm w....",
}
