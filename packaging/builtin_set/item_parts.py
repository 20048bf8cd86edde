"""Things to find, wear, drink and cast: left HALVES and WHOLE ones; letters as in `canvas`."""

#: Slot colors p, a, y of a kind if the usual ones (see `item`) would mislead.
COLORS_OF: dict[str, tuple[str, str, str]] = {
    "fireball": ("red orange violet", "orange gold yellow", "yellow cream"),
    "flame": ("red orange blue violet green", "orange gold cyan", "yellow cream white"),
    "ice shards": ("sky cyan blue", "white sky", "white"),
    "snowflake": ("sky cyan", "white", "white"),
    "lightning": ("yellow gold sky", "white cream", "white"),
    "whirlwind": ("sky teal silver lime", "white", "white"),
    "explosion": ("red orange", "orange gold", "yellow cream"),
    "water splash": ("blue sky teal", "sky cyan", "white"),
    "poison cloud": ("green violet olive", "lime magenta", "white"),
    "magic star": ("gold violet sky magenta", "yellow white", "white"),
    "sun": ("orange amber", "yellow", "cream white"),
    "moon": ("yellow cream silver", "gold", "white"),
    "heart": ("red crimson magenta pink", "pink", "white"),
    "coin": ("gold amber silver rust", "gold", "cream"),
    "coins": ("gold amber silver", "gold", "cream"),
    "bomb": ("coal slate navy crimson", "red", "orange gold"),
    "feather": ("white sky red green", "gold", "cream"),
    "leaf": ("green lime forest orange", "lime", "cream"),
    "bone": ("bone cream white", "bone", "white"),
    "horn": ("bone tan gold", "red", "cream"),
    "scroll": ("cream tan bone", "red blue violet", "rust brown"),
    "letter": ("cream white tan", "red crimson", "white"),
    "map": ("tan cream", "red", "green blue"),
    "torch": ("orange", "red orange", "gold yellow"),
    "lantern": ("gold", "orange red", "gold yellow cream"),
    "candle": ("cream white pink red", "orange gold", "yellow"),
    "hourglass": ("glass", "gold amber tan", "white"),
    "skull": ("bone white cream", "red", "white"),
}

#: `p` is the contents, `y` the glass, `w` the cork.
BOTTLES = {
    "round": (
        "....ww ....ww ....yy ...yyy .....y ...y.. ..yppp .yPppp .ypppp .ypppp .ypppp ..yppp ...yyy"
    ),
    "flask": (
        "....ww ....ww ...yyy ....yy ....yy ....yp ...ypp ..yppp ..yPpp .ypppp .ypppp yppppp .yyyyy"
    ),
    "tall": (
        "....ww ....ww ...yyy ....yy ...ypp ..yppp ..yPpp ..yPpp ..yppp ..yppp ..yppp ..yppp ...yyy"
    ),
    "square": "....ww ....ww ...yyy ....yy .yyyyy .ypppp .yPppp .yPppp .ypppp .ypppp .ypppp .yyyyy",
    "vial": ".....w ....ww ...yyy ....yy ....yp ....yp ....yP ....yp ....yp ....yp ....yp .....y",
    "heart-shaped": (
        "....ww ....ww ....yy .yy.yy yppyyp yPpppp yppppp yppppp .ypppp ..yppp ...ypp ....yp .....y"
    ),
    "squat": "....ww ...www ...yyy ....yy ..yyyy .ypppp yPPppp yPpppp yppppp .ypppp ..yyyy",
    "diamond": (
        ".....w ....ww ...yyy ....yy ...ypp ..yPpp .yPppp yppppp .ypppp ..yppp ...ypp ....yy"
    ),
    "skull": (
        "....ww ....ww ...yyy .....y ..yppp .ypppp yPpppp ypoopp ypoopp yppppo .ypppp ..ypop ..yyyy"
    ),
    "jug": "...www ...www ..mmmm ...aaa ..pppp .pPppp .pPppp ppaapp ppppaa pppppp .ppppp .qqqqq",
}

HALVES = {
    "round shield": (
        "...mmm .mmaaa .maaap maaapp maappp maappg maappg maappp maaapp .maaap .mmaaa ...mmm"
    ),
    "kite shield": (
        "mmm..m maammm maaapp maaapp maaapp maaagg maaagg .maapp .maapp .maapp ..maap ...map"
        " ....mm .....m"
    ),
    "tower shield": (
        ".mmmmm maaaaa maaapp maaapp maggpp maaggg maaggg maggpp maaapp maaapp maaaaa maaaaa .mmmmm"
    ),
    "wooden shield": (
        "...www .wwwww .wwvww wwwvww wmmvmm wmMvmg wmmvmg wmmvmm wwwvww .wwvww .wwvww ...www"
    ),
    "heater shield": (
        "mmmmmm maaapp mAaapp maaapp maaapp mppaaa mppaaa mppaaa .mpaaa .mpaaa ..mpaa ...mpa ....mm"
    ),
    "star shield": (
        "...aaa .aaaaa .aaaap aaaapp apppPP aapppp aaappp aapppp .apppp .appap ..aaaa ....aa"
    ),
    "helmet": (
        ".....a ...mma ..mmma .mMmma .mmmma mmmmma mmmmma nnnnnn mmoooo mmo.oo mmm..o mmm... .mm..."
    ),
    "great helm": (
        "...mmm ..mmmm .mMmmm .mMmmg .mmmmg .ggggg .moooo .mmmmg .mmmmg .mmomg .mmmmg .mmomg ..mmmm"
    ),
    "horned helmet": (
        "y..... yy.... yYy.mm .yymmm ..ymMm ..mmmm .mmmmm .mmmmm .ggggg .mm.gg .mm..g .mm..."
    ),
    "wizard hat": (
        "....pp ...ppp ...ppp ...pPp ..pppp ..pppp .pppap .aaaaa .aaagg pppppp pppppp .qqqqq"
    ),
    "crown": "g....g g....g gg..gg gG.ggg gGgggg gggggp gagggp gggggg ffffff",
    "breastplate": (
        "..m... .mm... mmm..m mmmmmm mmmMmm n.mMmm n.mmmm ..mmmm ..nmmm ..gggg ..mmmm .mmnmm .mmnmm"
    ),
    "tunic": (
        "...p.. .ppp.. ppppaa pppppa sppppa s.pppp ..pppp ..pppp ..gggG ..pppp .ppppp .ppppp .ssppp"
    ),
    "robe": (
        "...p.. .ppp.. pppaaa pppppa ppqppa pp.ppa ss.ppa ..pppa ..pppa .pppaa .pppaa .pppaa"
        " pppsaa sssssa"
    ),
    "boots": "......  .ppp.. .pPp.. .pPp.. .aaa.. .pPp.. .ppp.. .ppp.. pppp.. pppq.. wwww..",
    "gloves": ".p.... pp.p.. ppppp. pPppp. pppppp .ppppp .ppppp ..gggg ..aaa. ..aaaa ..aaaa",
    "ring": (
        ".....a ....aa ....aA ....aa ...gga ..gGg. .gGg.. .gg... .gg... .gg... .fgg.. ..fgg. ...fff"
    ),
    "plain ring": "...ggg ..gGgg .gGg.. .gg... gg.... gg.... gg.... .gg... .gg... ..fgg. ...fff",
    "amulet": (
        ".g.... g..... g..... g..... .g.... .g.... ..g... ...g.. ...ggg ..ggaa ..gaAa ..gaaa"
        " ...gaa ....gg"
    ),
    "diamond": "...... ..aaaa .aAAaa aAAaaa aaaaaa .baaaa ..baaa ...baa ....ba .....b",
    "emerald": "...aaa ..aAAA .aAaaa .aAaaa .aAaaa .aaaaa .aaaaa .aaaaa .abaaa ..abbb ...bbb",
    "drop gem": ".....a ....aa ....aA ...aAa ...aAa ..aAaa ..aaaa ..aaaa ..aaaa ...aab ....bb",
    "round gem": "...aaa ..aAAa .aAaaa aAAaaa aAaaaa aaaaaa aaaaaa .aaaab .baabb ..bbbb",
    "crystals": (
        "......  ....aa ....aA ...aAA ...aAa .a.aAa aAaaAa aAaaaa aaaaaa abaaba aabaab .mmmmm"
        " mmmmmm nnnnnn"
    ),
    "heart": ".ppp.. ppPpp. pPPppp pPpppp pppppp pppppp .ppppp ..pppp ...ppp ....pp .....p",
    "chest": ".wwwww wwWwww wWwwww wWwwww wwwwww gggggg wwwwgg wwwwgo wwwwgg wwwwww wwwwww vvvvvv",
    "open chest": (
        ".wwwww wWwwww wooooo wooooo wwwwww ogGogG gGgGgG GgGgGg gggggg wwwwgg wWwwgo wwwwgg"
        " wwwwww vvvvvv"
    ),
    "iron chest": (
        ".mmmmm mmMmmm mMmppp mMmppp mmmppp nnnnnn mmmpgg mmmpgo mmmppp mmmppp mmmppp nnnnnn"
    ),
    "bomb": (
        ".....w ...... ....mm ...mmm ..pppp .ppppp ppPppp pPPppp pPpppp pppppp .ppppp .ppppp ..qqqq"
    ),
    "hourglass": (
        "gggggg .gggg. .pppp. .paaap .paaaa ..paaa ...paa ....pa ...pp. ..pp.a .pp.aa .paaaa"
        " .gggg. gggggg"
    ),
    "goblet": "gggggg gGgggg gGgagg gGgaag .ggggg .ggggg ..gggg ....gg .....g ....gg ...ggg ..gggg",
    "bell": (
        ".....g ....gg ...ggg ..gggg ..gGgg .gGggg .gGggg .ggggg .ggggg gggggg gffffg ffffff"
        " ....oo ....oo"
    ),
    "lantern": (
        "...mmm ..m... ..m... ..mmmm .mmmmm .mYYyy .myyyy .myyaa .myaAa .myaaa .mmyyy mmmmmm nnnnnn"
    ),
    "candle": (
        ".....y .....a ....aa ....aa .....o ...ppp ...pPp ...pPp ...ppp ...ppp ...ppp ..gggg"
        " .ggGgg ..gggg"
    ),
    "magic star": (
        ".....p .....p ....pp ....pp .ppppP pppPPP .ppPPP ..pppP ..pppp ..pppp .pppqq .pq..."
    ),
    "sun": ".....p p....p .p.... ..pppp ..paaa pppaAA ..paaa ..paaa .p.ppp p..... .....p .....p",
    "snowflake": (
        ".....p ...p.p ....pp .p...p ..p.pp p.ppaa .pppaA p.ppaa ..p.pp .p...p ....pp ...p.p .....p"
    ),
    "drum": ".yyyyy yyyyyy yYyyyy gyyyyy pggggg pPgppg pgpppp gppggp pgpppg ppggpp .qqqqq",
    "anvil": "mmmmmm .mMMMM ..mmmm ...mmm ....mm ....mm ...mmm ..mmmm .nnnnn",
    "barrel": "..wwww .wwvww .wwvww mmmmmm wwWvww wWwvww wWwvww wWwvww mmmmmm .wwvww .wwvww ..wwww",
    "crate": "wwwwww wvvvvv wvWwww wvwvww wvwwvw wvwwwv wvwwwv wvwwvw wvwvww wvwwww wvvvvv wwwwww",
    "money bag": (
        "...w.w ....ww ....gg ...www ..wWww .wWwww .wWwgg wWwggw wwwwgg wwwwwg wwwggg .wwwww ..vvvv"
    ),
    "spell book": (
        "pppppp pqpppp pqPPPP pqPaaa pqPapp pqPapa pqPapp pqPaaa pqpppp pqpppp pyyyyy pyyyyy pppppp"
    ),
    "rune stone": (
        "...mmm ..mmmm .mMmaa .mMmmm .mmmma mmmmaa mmmmma mmmaam mmmmma .mmmmm .nmmmm ..nnnn"
    ),
    "skull": "...ppp .ppppp .pPppp ppPppp pppppp poooop poooop pppppo .ppppp ..popo ..popo",
    "orb": "...aaa ..aAaa .aAAaa .aAaaa .aaaaa .aaaab ..aabb ...bbb ..gggg ..ggGg .ggggg .fffff",
    "ankh": (
        "...ggg ..gg.. ..gg.. ..gg.. ...gg. gggggg gGgggg ...ggg ....gg ....gg ....gg ....gg ....ff"
    ),
    "mask": (
        ".pp... pppppp pPPppp pPaapp paoopp paoopp ppaapp ppppgg .pppgg .ppppp .papaa ..paaa ...ppp"
    ),
    "tornado": (
        "pppppp pPPaaa .ppppp ..aPPP .ppppp ..pPaa ...ppp ..aaPP ...ppp ....pa ....pp .....p"
    ),
    "fireworks": (
        "a....a .p...p ..p..p a..p.a .p..y. ..p.yy apayyY ..p.yy .p..y. a..p.a ..p..p .p...p a....a"
    ),
    "chalice spell": (
        ".....y ....yy ..y... ...aaa ..aAAa .aAyyA aAyYyy aAyyyy .aAyyA ..aAAa ...aaa ..y..y"
    ),
    "belt": "...... ...... wwwwww wWwwgg wwwwgo wwwwgo wwwwgg vvvvvv",
    "tombstone": (
        "...mmm ..mmmm .mMmmm .mMmmo .mmooo .mmmmo .mmmmo .mmmmm .mmmmm .mmnmm .nmmmm aaaaaa"
    ),
    "mirror": (
        "...ggg ..gyyy .gyYyy .gYyyy .gyyyy .gyyyy ..gyyy ...ggg .....g ....gg .....w .....w ....ww"
    ),
}
