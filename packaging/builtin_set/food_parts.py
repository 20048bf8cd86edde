"""Food and drink: colors of each kind, and left halves; letters as in `canvas`."""

#: Colors of the slots p s a y w g; several colors are alternatives.
COLORS_OF: dict[str, tuple[str, str, str, str]] = {
    # name: (p, s, a, y), alternatives separated by spaces
    "cherries": ("red crimson plum", "green forest", "lime", "pink"),
    "grapes": ("purple violet green navy crimson", "wood green", "lime green", "pink"),
    "banana": ("yellow gold lime", "wood umber", "lime", "cream"),
    "banana bunch": ("yellow gold lime", "wood umber", "lime", "cream"),
    "watermelon slice": ("red rose orange yellow", "green forest", "coal", "cream white"),
    "strawberry": ("red crimson rose", "green lime forest", "yellow cream", "cream"),
    "pineapple": ("gold amber yellow", "green forest teal", "rust", "cream"),
    "carrot": ("orange rust purple", "green lime forest", "lime", "cream"),
    "radish": ("crimson magenta white", "green lime forest", "lime", "cream"),
    "corn": ("yellow gold", "green forest lime", "lime", "cream"),
    "eggplant": ("purple plum navy violet", "green forest", "lime", "cream"),
    "chili": ("red orange green gold", "green forest", "lime", "cream"),
    "mushroom": ("red brown tan rust umber purple", "cream tan", "white", "cream"),
    "bread loaf": ("crust amber wood", "cream tan", "rust", "cream"),
    "toast": ("crust wood amber rust", "cream tan gold", "yellow", "cream"),
    "baguette": ("crust amber", "cream tan", "rust", "cream"),
    "croissant": ("crust amber gold", "cream tan", "rust", "cream"),
    "pretzel": ("rust brown crust", "cream", "white", "cream"),
    "cheese wedge": ("yellow gold amber cream", "amber", "red", "cream"),
    "cheese wheel": ("yellow gold red", "amber cream", "red", "cream"),
    "ham": ("flesh rose rust brown", "bone white", "pink", "cream"),
    "drumstick": ("crust rust brown wood", "bone white", "pink", "cream"),
    "steak": ("flesh rust crimson brown", "cream pink", "white", "bone"),
    "sausage": ("rust flesh brown", "tan", "gold", "cream"),
    "skewer": ("brown rust flesh", "green gold", "red orange", "wood"),
    "bacon": ("flesh red rust", "pink cream", "white", "cream"),
    "fish": ("sky teal silver steel rose", "white cream", "orange red", "cream"),
    "fish bone": ("bone white", "bone", "white", "white"),
    "sushi": ("orange rose red pink", "white cream", "coal", "green"),
    "onigiri": ("white cream", "coal forest", "red", "white"),
    "shrimp": ("orange rose rust", "pink cream", "red", "cream"),
    "fried egg": ("white cream", "gold orange", "cream", "white"),
    "egg": ("cream white tan sky pink lime", "white", "brown", "white"),
    "cake slice": ("cream pink brown gold", "pink white brown lime", "red crimson", "white cream"),
    "cake": ("pink cream white brown sky", "crust brown pink", "red crimson", "white"),
    "cupcake": ("pink sky brown lime violet cream", "tan crust rose teal", "red gold", "white"),
    "pie": ("crust amber", "red purple crust amber", "rust", "cream"),
    "doughnut": ("pink brown sky violet cream", "crust amber", "yellow lime red sky", "cream"),
    "cookie": ("crust tan wood", "tan", "umber", "umber"),
    "ice cream": ("pink cream brown lime sky violet", "crust amber", "red", "white"),
    "double ice cream": ("pink brown sky lime", "crust", "red", "cream white violet rose"),
    "ice pop": ("rose sky orange lime violet brown", "tan wood", "pink", "cream yellow"),
    "lollipop": ("red pink violet sky lime", "white cream", "white", "white"),
    "candy": ("red pink lime sky violet gold", "white cream pink", "white", "white"),
    "chocolate bar": ("brown umber rust", "red violet sky gold", "silver", "cream"),
    "pizza slice": ("gold yellow amber", "crust rust", "red crimson", "green forest"),
    "burger": ("crust amber", "brown umber", "lime green", "yellow gold"),
    "hot dog": ("crust amber tan", "rust red flesh", "yellow", "lime"),
    "taco": ("gold amber yellow", "lime green", "red rose", "brown"),
    "sandwich": ("cream tan", "lime green", "red rose", "gold yellow"),
    "fries": ("red crimson sky", "yellow gold", "white", "white"),
    "soup": ("rust red sky teal violet", "orange green amber crimson", "lime cream", "white"),
    "noodles": ("red crimson navy coal", "gold cream", "green rose", "white"),
    "rice bowl": ("sky navy crimson teal", "white cream", "red", "white"),
    "salad": ("tan wood white sky", "lime green", "red rose", "gold"),
    "mug": ("wood brown steel", "cream white", "gold amber", "white"),
    "tea cup": ("white sky pink cream teal", "brown rust lime", "gold", "white"),
    "coffee cup": ("white cream tan", "brown rust green", "umber", "white"),
    "bottle": ("green forest brown crimson", "cream tan", "gold red", "wood"),
    "wine glass": ("glass", "crimson red gold pink", "white", "white"),
    "milk": ("white", "sky blue rose", "sky blue", "white"),
    "juice": ("glass white", "orange lime rose violet", "red sky", "lime red"),
    "honey": ("amber gold", "tan cream", "rust", "cream"),
    "jam": ("crimson red purple orange", "tan cream sky", "white", "cream"),
    "pear": ("lime gold green olive", "green forest", "lime", "cream"),
    "avocado": ("green forest olive", "lime yellow", "brown umber", "cream"),
    "lemon slice": ("yellow gold lime orange", "cream yellow", "white", "cream"),
    "berries": ("blue navy crimson violet purple red", "green", "lime", "sky"),
    "pea pod": ("green lime forest", "lime", "lime yellow", "cream"),
    "broccoli": ("green forest lime white", "lime cream", "lime", "cream"),
    "leek": ("green lime", "cream white", "white", "cream"),
    "pancakes": ("crust amber", "gold cream", "rust brown", "yellow"),
    "popcorn": ("red rose sky", "cream white", "white", "white cream"),
    "pudding": ("gold cream yellow", "rust brown", "brown", "white"),
    "turnip": ("violet magenta purple", "green lime", "white cream", "cream"),
    "pumpkin": ("orange amber rust lime", "green wood", "rust", "cream"),
}

FRUIT_TOPS = {
    "leafed": "..ss .sS. ws.. .w..",
    "stalked": ".w w. w.",
    "two-leafed": "s...s .sws. ..w..",
    "crowned": "s.s.s .sss. ..s..",
}

HALVES = {
    "strawberry": "....ss .ss.ss .pssss pppspp pPppap papppp .pppap .pappp ..pppp ..pppa ....pp",
    "pineapple": (
        "s..s.. .s.ss. .sssss ..ssss ...sss ..papp .ppppa .appap .ppapp .pappa .ppppp .appap"
        " ..papp ...ppp"
    ),
    "mushroom": "...ppp .ppppp pppapp ppaapp pppppp .qqqqq ...sss ...sss ...sss ...sst",
    "toast": ".ppppp pppppp psssss psssss .pssss .pssss .pssss .pssss .pssss .ppppp",
    "cheese wheel": "..pppp .ppPpp pppppp pppppp ssssss qqqqqq qqqqqq .qqqqq",
    "onigiri": ".....p ....pp ...ppp ..pppp ..pppp .ppppp .ppsss pppsss pppsss .ppsss",
    "egg": "....pp ...ppp ..pppp ..pPpp .ppppp .ppppp .ppppp .ppppp .ppppp ..pppp ...ppp",
    "cake": (
        ".....a ....aa ..pppa .ppppp pppppp pppppp pqppqp sqssqs ssssss ssssss ssssss tttttt yyyyyy"
    ),
    "cupcake": (
        ".....a ....aa ....pp ...ppp ..pPpp .ppppp .ppppp pppppp pqppqp sstsst .sStsS .sstss"
        " .sstss ..stss"
    ),
    "pie": "....pp ..pppp .ppqpp ppppqp pppppp ssssss .ppppp .qpqpq ..qqqq",
    "doughnut": "...ppp .ppPpp .ppapp ppppap pppp.. ppap.. pppp.. ppppap .pappp .sqpap ..ssss",
    "cookie": "...ppp .ppppa .pappp pppppp pppppp papppa pppppp .ppapp .ppppp ...ppa",
    "ice cream": (
        "....pp ..pppp .ppPpp .ppppp pppppp pppppp pqppqp .ssfss .sfssf ..ssfs ..sfss ...sfs"
        " ....ss .....s"
    ),
    "double ice cream": (
        "...yyy ..yyyy ..yYyy ..yyyy .ppppp .pPppp pppppp pqppqp .sssss .ststs ..stst ...sts ....ss"
    ),
    "ice pop": (
        "...ppp ..pppp ..pPpp ..pppp ..pppp ..pppp ..yyyy ..yyyy ..yyyy ..yyyy .....w .....w .....w"
    ),
    "burger": (
        "...ppp .ppppp ppPppp pppppp ppppqp aaaaaa yyayya ssssss ssssss aaaaaa pppppp .qqqqq"
    ),
    "fries": (
        "..s..s s.ss.s ssssss ssssss .sssss pppsss ppppss ppappp pppaap .ppppp .ppppp .ppppp ..pppp"
    ),
    "soup": "..tttt .ssass ppssss pppppp pPpppp pppppp .ppppp ..pppp ..qqqq",
    "noodles": "..yyss .ssyss sssssa stsaaa pppppp pppppp pPpppp .ppppp ..pppp ..qqqq",
    "rice bowl": "....ss ..ssss .sSssa .sssss ssssss pppppp pPpppp pppppp .ppppp ..pppp ..qqqq",
    "salad": "...sss .sSsas ssasst sstsss pppppp pppppp pPpppp .ppppp ..pppp ..qqqq",
    "wine glass": (
        ".p.... .p.... .p.... .sssss .sSsss .sssss ..ssss ...sss ....pp .....p .....p ....pp ..pppp"
    ),
    "coffee cup": (
        "..aaaa .aaaaa .aaaaa .ppppp .pPppp .ssssp .ssssa .sssaa .sssss ..pppp ..pppp ..qppp"
    ),
    "honey": "..ssss .sssss ..oooo .ppppp pPpppp pPpaaa pppaaa ppppaa pppppp pppppp .ppppp .qqqqq",
    "jam": "..ssss .ssSss .sssss ..pppp .ppppp pPaaaa pPaaaa ppaapp ppaaaa pppppp .ppppp",
    "avocado": (
        "....pp ...pss ..psss ..psss .pssss .pssss pssaaa pssaAa pssaaa .pssss .ppsss ...ppp"
    ),
    "pancakes": "...aaa .aayaa ppaaaa .aappp pppapp .apppp ppqppp .ppppp pppppp qqqqqq .yyyyy",
    "popcorn": (
        "..s.ss .sssss sSssSs ssSsss .ssss. ppyypp ppyypp ppyypp .pyypp .pyypp .pyypp ..yypp"
    ),
    "pudding": "...sss ..ssss ..sSss .pppss .pPppp .ppppp .ppppp pppppp pppppp .qqqqq yyyyyy",
    "turnip": (
        "s...s. ss..ss .ss.ss ..ssss ...sss .ppppp pPpppp pppppp .aaaaa .aaaaa ..aaaa ...aaa .....a"
    ),
    "pumpkin": "....ss .....s ..pppq .ppqpp ppPqpp pPpqpp pppqpp pppqpp pppqpp .ppqpp ..pppq",
    "broccoli": "...ppp .ppPpp ppPppp pppqpp ppqppp .pppqp .qpssp ...sss ...sst ...sss ...sss",
    "lemon slice": "...ppp .ppsss .psSas psssas psssas paaaas psssaa pssass .pssas .ppsss ...ppp",
    "candy": "pp..pp .pppps .ppspp .psppp .ppspp pppppp pp..pp",
    "radish": (
        "s....s ss..ss .ss.ss ..ssss ....ss ..pppp .pPppp .ppppp .ppppp ..pppp ...ppy ....yy .....y"
    ),
    "milk": (
        "....aa ....aa ...ppp ..pppp .ppppp .pPppp .sssss .ssaas .saaaa .ssaas .sssss .ppppp .ppppp"
    ),
    "pear": (
        ".....w .....w ....ws ....pp ...pPp ...pPp ..pppp ..pPpp .pPppp .ppppp .ppppp .ppppp ..pppp"
    ),
}
