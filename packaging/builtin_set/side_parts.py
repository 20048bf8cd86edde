"""Parts of people seen from the side, walking right; letters as in `canvas`.

Heads are 9 columns (tall: 8) with the nose in the last but one; bodies are 7 columns.
"""

# Rows 3 to 8 of chibi heads, 3 to 7 of tall ones.
FACES_CHIBI = {
    "plain": ".kkkkkkk. .kkkkkkk. .kkkkkek. .kkkkkekk .kkkkkkk. ..kkkkk..",
    "bearded": ".kkkkkkk. .kkkkkkk. .kkkkkek. .kkkkkekk .kkkhhhh. ..khhhhh. .....hh..",
    "stern": ".kkkkkkk. .kkkkooo. .kkkkkek. .kkkkkkkk .kkkkkko. ..kkkkk..",
    "masked": ".kkkkkkk. .kkkkkkk. .kkkkkek. .aaaaaaa. .aaaaaaa. ..aaaaa..",
    "big-eyed": ".kkkkkkk. .kkkkkkk. .kkkkEek. .kkkkEekk .kkkkkkk. ..kkkkk..",
    "rosy": ".kkkkkkk. .kkkkkkk. .kkkkkek. .kkkkrekk .kkkkkkk. ..kkkkk..",
}
FACES_TALL = {
    "plain": ".kkkkkk. .kkkkkk. .kkkkek. .kkkkkkk ..kkkk..",
    "bearded": ".kkkkkk. .kkkkkk. .kkkkek. .kkkhhhh ..khhhh. ....hh..",
    "masked": ".kkkkkk. .kkkkkk. .kkkkek. .aaaaaa. ..aaaa..",
    "stern": ".kkkkkk. .kkkkoo. .kkkkek. .kkkkkkk ..kkkk..",
}

# From row 1, left edge as for the face.
TOPS_CHIBI = {
    "short-haired": "..hhhhh.. .hhhhhhh. hhhhhhhhh hhhhhhhh. hhhhkh... hhhkk.... .hh......",
    "long-haired": (
        "..hhhhh.. .hhhhhhh. hhhhhhhhh hhhhhhh.. hhhhh.... hhhhh.... hhhhh.... hhhh..... hhhh....."
        " hhhh..... hhh...... .hh......"
    ),
    "spiky": "h..h.hh.. .hhhhhhhh hhhhhhhh. .hhhhhhhh hhhhkhh.. .hhkk.... hh.......",
    "bald": "......... ..kkkkk.. .kkkkkkk. .kkkkkkk. .kkklkk..",
    "bobbed": (
        "..hhhhh.. .hhhhhhh. hhhhhhhhh hhhhhhhh. hhhhhh... hhhhhh... hhhhh.... hhhh....."
        " .hh......"
    ),
    "ponytailed": (
        "..hhhhh.. hhhhhhhh. hhhhhhhhh ahhhhhhh. hhhhkh... hhhkk.... hh....... hh....... h........"
    ),
    "curly": ".hhhhhh.. hhhhhhhh. hhhhhhhhh hhhhhhhhh hhhhhhh.. hhhhh.... hhhh..... .hh......",
    "bunned": "hhhhhhh.. hhhhhhhh. .hhhhhhhh .hhhhhhh. .hhhkh... .hhkk.... ..h......",
    "hooded": (
        "..pppp... .ppppppp. pppppppp. pppppppq. pppppq... ppppp.... ppppp.... ppppq.... pppp....."
        " .ppp....."
    ),
    "helmeted": "...mmmm.. .mmmmmmm. .mmmmmmmm .mmmmmmmm .nnnnnnn. .mmm..... .mmm..... ..m......",
    "great-helmed": (
        "..mmmmm.. .mmmmmmm. .mmmmmmm. .mmmmmmm. .mmmmnnn. .mmmmooo. .mmmmmmm. .mmmmnmn. .mmmmmmm."
        " ..mmmmm.."
    ),
    "horned": "E...mmm.. EE.mmmmm. .EEmmmmmm .mEmmmmmm .nnnnnnn. .mmm..... ..m......",
    "plumed": "aaaaaa... aammmmma. aammmmmm. a.mmmmmmm .mmmnnnn. .mmm..... .mmm..... ..m......",
    "crowned": ".g.g.g.g. .ggggggg. .gagagag. hhhhhhhh. hhhhkh... hhhkk.... .hh......",
    "wizard-hatted": (
        "ppp...... .pppp.... ..pppp... ..ppppp.. .pppppp.. .aaaaaaa. ppppppppp .hhhk...."
        " .hh......"
    ),
    "capped": "...pppp.. .pppppp.. .pppppps. .pppsssss hhhhhh... hhhkk.... .hh......",
    "straw-hatted": (
        "...gggg.. ..ggggg.. ..aaaaa.. ggggggggg .ffffffff .hhhkh... .hhkk.... ..h......"
    ),
    "banded": "..hhhhh.. .hhhhhhh. .hhhhhhhh aaaaaaaa. ahhhkh... a.hkk.... ..h......",
    "turbaned": "..sssss.. .sssssss. sssssssss sssssaas. .ssssss.. .h.k.....",
    "winged": "E..mmmm.. EE.mmmmm. EEEmmmmmm .EEEmmggm .nEEnnnn. .mmm..... ..m......",
    "eared": "pp...p... pPp.ppp.. .pppppppp .pppppppp .pppppp.. .ppp..... .ppp..... ..p......",
}  # fmt: skip
TOPS_TALL = {
    "short-haired": "..hhhh.. .hhhhhh. .hhhhhh. .hhhk... .hhk....",
    "long-haired": (
        "..hhhh.. .hhhhhh. hhhhhhh. hhhh.... hhhh.... hhh..... hhh..... hhh..... .h......"
    ),
    "spiky": "h.h.hh.. .hhhhhhh hhhhhh.. .hhhk... hhhk....",
    "hooded": "..pppp.. .pppppp. ppppppq. pppp.... pppp.... ppp..... .pp.....",
    "helmeted": "...mmm.. ..mmmmm. .mmmmmm. .mmmmmmm .mmn.... .mm.....",
    "great-helmed": "..mmmm.. .mmmmmm. .mmmmmm. .mmmooo. .mmmmmm. .mmmnmn. ..mmmm..",
    "horned": "gg.mmm.. .ggmmmm. .mmmmmm. .nnnnnn. .mm.....",
    "crowned": ".g.g.g.. .ggggg.. .hhhhhh. .hhhk... .hhk....",
    "wizard-hatted": "pp...... .ppp.... ..pppp.. .aaaaa.. pppppppp .hh.....",
    "capped": "..pppp.. .pppppp. .ppppsss .hhhk... .hhk....",
    "straw-hatted": "...ggg.. ..gggg.. ..aaaa.. gggggggg .hhk.... .hh.....",
    "banded": "..hhhh.. .hhhhhh. .aaaaaa. a.hhk... ..hk....",
    "plumed": "aaa..... aaammm.. a.mmmmm. .mmmmmm. .nnnnnn. .mm.....",
    "turbaned": "..ssss.. .ssssss. .sssaas. .sssss.. .h.k....",
}

# Whole heads of monsters that walk like people; row 1, drawn at the chibi face's place.
MONSTERS_CHIBI = {
    "skeleton": (
        "......... ..yyyyy.. .yyyyyyy. .yyyyyyy. .yyyyeey. .yyyyeeye .yyyyyyy. ..yyyoyo. ..yyyyyy"
        " ...yoyoy"
    ),
    "wolfman": (
        ".pp..p... .pp.pp... .pppppp.. .ppppppp. .pppppep. pppppppppp pppppppppo .sspppsyss"
        " ..sssspp."
    ),
    "lizardman": (
        "..a.a.... .appppp.. apppppppp .ppppeEp. apppppppppp .pppppppppp appppooooo .ppssssss."
        " ..pssss.."
    ),
    "orc": (
        "..ppppp.. .ppppppp. .ppppppp. .pppoooo. ppppppep. pppppppppp .pppppppp. .ppppppyp."
        " ..ppppppp ...pppp.."
    ),
    "bird-headed": (
        "..aa..... .aapppp.. .pppppppp .ppppEEp. pppppEepgg pppppppgggg .pppppppgg .pppppp.g"
        " ..ppppp.."
    ),
    "pumpkin-headed": (
        ".....ff.. .....f... ..ppqppp. .ppqpppqp .ppqpppqp .ppqpAAqp .ppqpAAqp .ppqppAAA .ppqpAAAq"
        " ..pqpppq."
    ),
    "robot": (
        "...r..... ...m..... .mmmmmmm. .mmmmmmm. .mmmmooo. .mgmmoAAo .mmmmooo. .mmmmmmm. .nnnnnnn."
    ),
    "mushroom-headed": (
        "...ppp... .pppEppp. ppEEpppEp ppEpppEEp pppppppqq .qqqqqqq. .ssssses. .ssssses. ..sssss.."
    ),
    "cat-headed": (
        ".p....p.. .pp..pp.. .pspppsp. .ppppppp. pppppppp. pppppAep. .ppppAepr .pppppsss ..ppppss."
    ),
    "fish-headed": (
        "...aaa... .aapppp.. aappppppp .ppppEEpp appppEepp aapppppppp .pappppooo .pppsssss"
        " ..psssss."
    ),
}  # fmt: skip

# 7 columns; rows 9 to 11 (chibi), 8 to 11 (tall); the arm is drawn later.
TORSOS_CHIBI = {
    "tunic": "..pppp. .ppppp. .aaaag.",
    "armor": "..mmmm. .mmmmm. .ggggg.",
    "coat": "..pppp. .ppppsE .pppps.",
    "vest": "..ssps. .ssspp. .aaaa..",
    "bare chest": "..kkkk. .kkkkk. .aaaag.",
    "overalls": "..scss. .ssccc. .ccccc.",
    "surcoat": "..mppp. .mmppp. .aappa.",
    "stripes": "..ssss. .aaaaa. .sssss.",
}
TORSOS_TALL = {
    "tunic": "..pppp. .ppppp. .ppppp. .aaaag.",
    "armor": "..mmmm. .mmmmm. .mmmmn. .ggggg.",
    "coat": "..pppp. .pppps. .pppss. .pppss.",
    "vest": "..spps. .sspp.. .sspp.. .aaaa..",
    "bare chest": "..kkkk. .kkkkk. .kkkk.. .aaaag.",
    "surcoat": "..mppp. .mmppp. .mpppp. .aaaaa.",
    "mail": "..mnmn. .mnmnm. .nmnmn. .ppppp.",
}
# Down to the ground on row 14; the torso hides anything above its lower edge.
LEGS_CHIBI = {
    "standing": ".dcccc. ..dccc. ..vwww.",
    "striding": ".ddccc. .dd.cc. vv..ww.",
    "stepping": ".ddccc. vd..cc. v...www",
    "running": "vdddccc vd...cw ......w",
    "lunging": ".ddcccc dd...cc vv...ww",
    "crossing": "..cccc. ..ccdd. .ww.vv.",
    "marching": "..cccc. .cc.dvv .ww....",
}
LEGS_TALL = {
    "standing": "..cccc. ..dcc.. ..vww..",
    "striding": ".ddccc. .dd.cc. vv..ww.",
    "stepping": "..dccc. vd.cc.. v..www.",
    "running": ".ddcccc vdd..cc v.....w",
    "lunging": ".ddccc. dd...cc vv...ww",
    "passing": "..cccc. ..cdd.. .ww.vv.",
    "marching": "..cccc. .cc.dvv .ww....",
}
ROBES_CHIBI = {
    "robe": "..pppp. .ppppp. .ppppp. .pppppp ppppppp pqppppq",
    "dress": "..pppp. ..ppp.. .aaaaa. .pppppp pPppppp ..w..w.",
    "cassock": "..pppa. .pppaa. .pppaa. .pppaa. pppppaa vv..ww.",
}
ROBES_TALL = {
    "robe": "..pppp. .ppppp. .ppppp. .ppppp. .pppppp pppppqp pqppppq",
    "dress": "..pppp. ..ppp.. ..ppp.. .aaaaa. .pppppp pPppppp ..w.ww.",
}

# From the shoulder at the second row of the torso; the last entry is where the hand is.
ARMS = {
    "down": ("s s k", 2, 0),
    "forward": ("ss. .sk", 1, 2),
    "back": (".ss ks.", 1, -2),
    "level": ("sssk", 0, 3),
    "holding": ("sssssk", 1, 5),
}

BACKS = {
    "cape": ("....a ...aa ..aaa .aaaa .aaaa aaaab", 6),
    "flying cape": ("..aaa .aaaa aaaaa aaaab aab..", 6),
    "backpack": (".ww wWw www wwv .vv", 5),
    "quiver": ("E.E EE. .aa .aab ..ab ..bb", 5),
    "tail": ("p.... pp... .pp.. .ppp. ..ppp", 7),
    "wing": ("yy... yyy.. yyyyy .yyyy ..iyy ...ii", 6),
}
