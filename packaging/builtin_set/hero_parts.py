"""Left halves of the parts of front-facing heroes; letters as in `canvas`.

Tall heroes have a head of 6 pixels and a body from row 8; chibi heroes a head of 8 and a
body from row 10. Halves end at the middle line.
"""

FACES_TALL = {
    "plain": ".kkk kkkk kkek kkkk .kkk",
    "stern": ".kkk kkko kkek kkkk .kkk",
    "bearded": ".kkk kkkk kkek hhhh hhhh ..hh",
    "mustached": ".kkk kkkk kkek khhh .kkk",
    "long-bearded": ".kkk kkkk kkek hhhh hhhh .hhh .hhh ..hh",
    "masked": ".kkk kkkk kkek aaaa .aaa",
    "round-eyed": ".kkk kkkk kkek kkEk .kkk",
}

FACES_CHIBI = {
    "plain": "kkkk kkkk kkkk kekk kekk kkkk .kkk",
    "stern": "kkkk kkkk kook kkek kkkk kkkk .kkk",
    "calm": "kkkk kkkk kkkk kook kkkk kkkk .kkk",
    "bearded": "kkkk kkkk kkkk kekk kkkk hhhh hhhh ..hh",
    "mustached": "kkkk kkkk kkkk kekk kekk khhh .kkk",
    "masked": "kkkk kkkk kkkk kekk aaaa aaaa .aaa",
    "wide-eyed": "kkkk kkkk kkkk kEek kEek kkkk .kkk",
    "rosy": "kkkk kkkk kkkk kekk kekk rkkk .kkk",
}

#: The part of a head visible from behind, from row 2.
BACK_HAIR = "hhhh hhhh hhhh hjhh hhhj hjhh hhjh .hhj"
BACK_HAIR_TALL = "hhhh hhhh hhhj hjhh hhjh .hhj"

# Half of 5 columns, top row is row 1 of the sprite; the face of tall heroes starts at row 3.
HAIR_TALL = {
    "short-haired": "..hhh .hhhh .hhhh .hh.. .h...",
    "long-haired": "..hhh .hhhh hhhhh hhh.. hh... hh... hh... hh...",
    "spiky": ".h.hh .hhhh hhhhh .hh.h .h...",
    "bald": "..kkk .kkkk .kkkk",
    "curly": ".hhhh hhhhh hhhhh hhhh. hh... .h...",
    "mohawked": "....h ...hh ..khh .kkkh .kkk.",
    "bobbed": "..hhh .hhhh .hhhh hhhh. hh... hh... .h...",
    "fringed": "..hhh .hhhh .hhhh .hhhh .h...",
}

HATS_TALL = {
    "hooded": "..ppp .pppp .pppp pppq. ppq.. pp... .p...",
    "helmeted": "...mm ..mmm .mmmm .mmmm .mn.. .m...",
    "great-helmed": "..mmm .mmmm .mmmm .mooo .mmmm .mmmm ..mmm",
    "horned": "g.mmm ggmmm .mmmm .nnnn .m...",
    "crowned": ".g.gG .gggg .gfgf .hh.. .h... .h...",
    "wizard-hatted": "....p ...pp ...pp ..ppp .aaaa ppppp",
    "capped": "..ppp .pppp .pppp .aaaa .h...",
    "straw-hatted": "...gg ..ggg ..ggg .aaaa ggggg",
    "turbaned": "..sss .ssss sssSa .ssss .s...",
    "banded": "..hhh .hhhh .aaaa .h... .h...",
    "plumed": "...aa ..aam .mmmm .mmmm .mnnn .m...",
    "mitered": "....s ...ss ..ssa ..saa .sssa .aaaa",
    "winged": "E.mmm EEmmm .Emmm .mmnn .m...",
    "coifed": "..mmm .mnmn .mmmm .nmn. .mm.. .mnm. ..mn.",
    "eared": "p..pp pp.pp .pppp .pppp .pq.. .p...",
    "skull-capped": "..ccc .cccc .cccc .h...",
}

# Half of 6 columns, top row is row 1; the face of chibi heroes starts at row 3.
HAIR_CHIBI = {
    "short-haired": "..hhhh .hhhhh .hhhhh .hhhhh .hh.hh .h....",
    "long-haired": (
        "..hhhh .hhhhh hhhhhh hhhhhh hhh.hh hh.... hh.... hh.... hh.... hhh... hhh... .hh..."
    ),
    "spiky": "...h.h .hhhhh hhhhhh .hhhhh hhhh.h .h.... .h....",
    "bald": "..kkkk .kkkkk .kkkkk .kkkkk",
    "curly": ".hhhhh hhhhhh hhhhhh hhhhhh hhhh.h hh.... hh.... .h....",
    "mohawked": ".....h ....hh ..kkhh .kkkkh .kkkkh",
    "bobbed": "..hhhh .hhhhh .hhhhh hhhhhh hhh.hh hh.... hh.... hh.... .h....",
    "bunned": "hh.... hhhhhh .hhhhh .hhhhh .hhhh. .h....",
    "fringed": "..hhhh .hhhhh .hhhhh .hhhhh .hhhhh .h....",
    "pigtailed": "..hhhh .hhhhh .hhhhh .hhhhh ahh.hh hh.... hh.... hh.... h.....",
}

HATS_CHIBI = {
    "hooded": "..pppp .ppppp .ppppp ppppqq pppq.. ppq... ppq... .pp... .pp...",
    "helmeted": "...mmm ..mmmm .mmmmm .mmmmm .mmmmm .mnnnn .m.... .m....",
    "great-helmed": ("..mmmm .mmmmm .mmmmm .mmmmm .mmnnn .mooon .mmmmm .mmmmn .mmmmm ..mmmm"),
    "visored": "..mmmm .mmmmm .mmmmg .mmmgg .maaaa .moooo .m.... .mm... .mmm..",
    "horned": "EE.mmm EEmmmm .EmmmM .mmmmm .mnnnn .m....",
    "crowned": ".g.g.G .ggggg .gagag .hhhhh .hh.hh .h.... .h....",
    "wizard-hatted": ".....p ....pp ...ppp ...ppp ..pppp .aaaaa pppppp",
    "capped": "...ppp .ppppp .ppppp .pppps .ssssq .h.... .h....",
    "straw-hatted": "....gg ..gggg ..gggg ..aaaa gggggg gfffff .h.... .h....",
    "turbaned": "..ssss .sssss sssssa ssssaA .sssss .h....",
    "banded": "..hhhh .hhhhh .hhhhh .aaaaA .hh... .h.... .h....",
    "plumed": "...aaa ..aaaa .mmmaa .mmmmm .mmmmm .mnnnn .m.... .m....",
    "mitered": ".....s ....ss ...sss ...ssa ..saaa ..sssa .aaaaa .h....",
    "winged": "E..mmm EE.mmm .EEmmm .mmmmg .mmmgg .mn... .m.... .m....",
    "eared": "pp.... pPp.pp .ppppp .ppppp .pppqq .pq... .p.... .p....",
    "feather-capped": "...ppp ..pppp .ppppp .ppppq .aaaaa .h.... .h....",
    "antlered": "g.g... gggmmm ..gmmm .mmmmm .mmmmm .mn... .m....",
    "ninja": "..cccc .ccccc .ccccc .caaaa .c.... .c.... .ccccc .ccccc ..cccc",
}

# Half of 5 columns from row 8, feet on row 14.
BODIES_TALL = {
    "tunic": ".sppp ssppp ssppp k.aag ..ppp ..cc. ..ww.",
    "armor": ".mmmM mmmmm mnmmm k.aag ..nmm ..mm. ..nn.",
    "robe": ".sppp ssppa sspPa kpppa .pppa .pppa .pppq",
    "bare chest": ".kkkk kkkkk kkkkl k.aag ..ccc ..cc. ..ww.",
    "coat": ".pppE pppsE ppqsE kpqss .pqcc .pcc. ..ww.",
    "dress": "..ppp .sppp .kppp k.aaa .pppp ppppp ..ww.",
    "vest": ".spps sspss ssppq k.aag ..ccc ..cc. ..ww.",
    "mail": ".mnmn mmnmn ammnm k.aaa ..mnm ..cc. ..ww.",
    "surcoat": ".mppp mmppa nmpaa k.ppa ..ppp ..mm. ..nn.",
    "overalls": ".sscs sscss ssccc k.ccc ..ccc ..cc. ..ww.",
    "poncho": ".pppp ppaap pppaa paapp .pppc ..cc. ..ww.",
    "kilt": ".kkws kkkws kkwkk k.aaa ..ppq ..pq. ..kk. ",
}

# Half of 5 columns from row 10, feet on row 14.
BODIES_CHIBI = {
    "tunic": ".sppp ssppp k.aag ..pcc ..ww.",
    "armor": ".mmmM mmmmm k.aag ..mmm ..nn.",
    "robe": ".sppa ssppa kpppa .pppa .pppq",
    "bare chest": ".kkkk kkkkl k.aag ..ccc ..ww.",
    "coat": ".ppsE pppsE kpqss .pqcc ..ww.",
    "dress": "..ppp .spPp kpppp .pppp ppppp",
    "vest": ".spss sspps k.paa ..ccc ..ww.",
    "surcoat": ".mppa mmpaa k.ppa ..ppp ..nn.",
    "overalls": ".sscs ssccc k.ccc ..ccc ..ww.",
    "poncho": ".pppp pppaa paapp .pccc ..ww.",
    "kimono": ".pppE sspEp kpaaa .pppq .pppq",
    "stripes": ".ssss aaaaa k.sss ..ccc ..ww.",
}

#: Bodies without separate legs, which cannot lift a foot.
SKIRTED = ("robe", "dress", "kimono")

CAPES = {
    "tall": "...aaa ..aaaa .aaaaa .aaaaa .aaaaa .aaaaa .aaaab",
    "chibi": "...aaa ..aaaa .aaaaa .aaaaa .aaaab",
}
WINGS = "yy.... yyyy.. yyyyyy .iyyyy ..iiyy ....iy"

# Held upright: the column of the handle is the middle one, `grip` the row of the hand.
HELD = {
    "sword": (9, ".M. .m. .m. .m. .m. .m. .m. .m. ggg .w. .g."),
    "short sword": (6, ".M. .m. .m. .m. .m. ggg .w. .g."),
    "long sword": (11, ".M. MmM mmn mmn mmn mmn mmn mmn mmn gfg .w. .w. .g."),
    "spear": (10, ".M. .m. mmn .w. .w. .w. .w. .w. .w. .w. .w. .w. .w. .w."),
    "axe": (9, ".mMw. mmmw. mmmwm mmmw. .nnw. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.."),
    "double axe": (9, "mmwMm mmwmm mmwmn nmwmn ..w.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.."),
    "staff": (9, ".aa. aAaa aaab .ab. .w.. .w.. .w.. .w.. .w.. .w.. .w.. .w.. .w.. "),
    "crook": (9, ".ww. w..w w..w ...w ..w. .w.. .w.. .w.. .w.. .w.. .w.. .w.. "),
    "hammer": (8, "mmMmm mmmmn mmmnn ..w.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.."),
    "mace": (6, ".mMm. mmmmn mmmnn .nnn. ..w.. ..w.. ..w.. ..w.. "),
    "dagger": (5, ".M. .m. .m. .m. ggg .w."),
    "club": (6, ".wW. wwww wwwv wwwv .wwv .wv. .wv. .wv."),
    "bow": (5, ".w.. w.E. wwE. w.E. w.E. w.E. w.E. w.E. wwE. w.E. .w.."),
    "torch": (6, ".y. yYy yyi .r. aaa .w. .w. .w. .w."),
    "trident": (9, "M.M.M m.m.m mmmmn ..m.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.. ..w.."),
    "scythe": (9, ".mmMM mm..w m...w ....w ....w ...w. ...w. ...w. ...w. ...w. ...w. ...w."),
    "wand": (5, ".A. AaA .a. .w. .w. .w. .w."),
    "banner": (10, "gaaa. waaaa waaab waab. wab.. w.... w.... w.... w.... w.... w.... w...."),
    "pickaxe": (7, ".mMm. m.w.m m.w.m ..w.. ..w.. ..w.. ..w.. ..w.. ..w.."),
    "katana": (8, "..M .mM .m. .m. .m. .m. mm. aba .c. .c."),
    "flail": (7, "mMm. mmm. .n.. .g.. .gw. ..w. ..w. ..w. ..w."),
    "rod": (8, ".w.E ..wE ..wE .w.E .w.E .w.r .w.. .w.. .w.. .w.. .w.. "),
    "lantern": (1, ".www.. w..g.. ...ggg ..gYyg ..gyyg ..ggg."),
}

SHIELDS = {
    "round shield": ".aaa. aaAaa aAgaa aaaab .abb.",
    "kite shield": "mmmmm maaam maAam maaam .mam. ..m..",
    "tower shield": "aaaaa aAgaa aggga aagab aagab aaabb",
    "buckler": ".mm. mmgm mggn .nn.",
    "wooden shield": ".www. wwvww wWvww wwvww wwvwv .wvv.",
    "heater": "aassa aassa aassb aassb .asb. ..b..",
}

CARRIED = {
    "book": "pppp pEEp pEEp pppp",
    "pot": ".mm. aaaa aAaa aaab .ab.",
    "sack": ".gg. wWww wwww wwwv",
    "orb": ".aa. aAaa aaab .bb.",
    "bread": ".gGg gggf .ff.",
    "bag": "w.w www wgv vvv",
    "harp": "gE.g gE.g gEgg .gg.",
}
