"""Creatures seen from the front: left halves; letters as in `canvas`.

`p` is the body, `s` the belly or second color, `a` an accent, `y` horn, bone and teeth.
"""

#: Standing on the ground.
STANDING = {
    "slime": ".....pp ...pppp ..ppppp .pPpppp .pPEepp pppeepp ppppppp pppppoo .pppppq",
    "king slime": "...g..g ...g.gg ...gggg ..ppppp .pPpppp ppPEepp pppeepp pppppro .pppppp ",
    "skeleton": (
        "...yyyy ..yyyyy ..yyyyy ..yeeyy ..yeeyo ...yyyy ....yoy .yyoooy y.oyyyy y..oooy y.oyyyy"
        " .y.ooyy ...yy.. ..yy..."
    ),
    "skull": (
        "...yyyy .yyyyyy .yYyyyy yyyyyyy yeeeyyy yeeeyye yyeyyye .yyyyyy ..yyyyy ..yoyoy"
        " ..yoyoy"
    ),
    "golem": (
        "...pppp ..pPppp ..pAApp ..ppppp pppqooo pPppppp ppppppp ppqppqq pp.pppp ppp.ppp"
        " .pp.ppp ..pppq. ..pppq. .pppqq."
    ),
    "mushroom": (
        "....aaa ..aaaaa .aaEEaa .aEEaaa aaaaaaE aaaaaEE .bbbbbb ...ssss ..ssess ..ssess ..sssss"
        " ...ssoo ...ssss"
    ),
    "imp": (
        "y...... yy..... .ypppp. ..ppppp ..pAepp ..ppppp p..pppo pp..ppp ppppppp .p.psss ...psss"
        " ..pppp. ..yp..."
    ),
    "cyclops": (
        "...pppp ..ppppp ..pEEee ..pEEee ..ppEEE ..ppppp ..ppooo .pppppp ppppsss pp.psss pp.pcc."
        " ..pp... ..yp..."
    ),
    "frog": (
        "..pp... .pEEp.. .pEepp. .pppppp ppppppp ppooooo pppssss pppssss qppsss. ppqpp.."
        " pp.pp.."
    ),
    "crab": (
        ".pp.... p.pp... p..p... pp.p... .pp.pEp .pp.pep ..ppppp ..ppppp .pppppp q.pppoo qqppppp"
        " q.qpppp q.q...."
    ),
    "owl": (
        "p...... pp..... pppppp. pEEEppp pEeeEpp pEeeEpg ppEEppg ppppppp pppssas ppsasss ppssssa"
        " pqsasss .qqsss. ...g..."
    ),
    "beetle": (
        "...y... ....y.. ....ooo ...oEoo ..ppppo p.ppPpo .pppppo ..ppppo ppppAAo ..ppppo"
        " .pppppo p.ppppo ...pppo"
    ),
    "treant": (
        "..ppp.p .pppppp pppPppp ppppppp .ppqppp ..wwwww ..wwwww w.wAeww ww.wwww .wwwwoo ..wwwoo"
        " ..wwwww .ww.www ww.ww.."
    ),
    "octopus": (
        "...pppp ..ppppp .pPpppp .pppppp .pppppp .pEEppp .pEeppp ..ppppo ..ppppp .ppqppp pp.pp.p"
        " p..p.pp ppq.pp."
    ),
    "mummy": (
        "...yyyy ..yyyyY ..iiiyy ..yyooo ..yyAoo ..iyyyy ...yyii .yyyyyy yyiyyyy yy.iiyy yi.yyyi"
        " ..yyii. ..iyy.. ..yyy.."
    ),
    "orc": (
        "...pppp ..ppppp p.pppoo pp.pepp ..ppppp ..yppoo ..ypppp .wwcccc pppwccc pp.wwcc ppgaaaa"
        " ...ccc. ..ccc.. ..www.."
    ),
    "goblin": (
        "....ppp p..pppp ppppppp .pppAep ..ppppp ...pooo ....ppp ..ccccc .pccccc .p.ccww .p.wwww"
        " ..ppcc. ..wwp.."
    ),
    "cat": (
        ".p..... .pp.... .psp.pp .pppppp .pppppp .pAeppp .pAepps ..ppsso ...ppss ..pppss .ppppss"
        " .pppsss .ppqpss .ppq.pp"
    ),
    "bear": (
        ".ppp... psspppp ppppppp .pppppp .pppepp .ppppss ..ppsse ...ppss ..ppppp pppppss ppppsss"
        " pp.psss ..ppps. .yppp.."
    ),
    "rabbit": (
        "..pp... .psp... .psp... .psp... .psppp. ..ppppp ..ppppp ..peppp ..pepps ..ppppo ...pppE"
        " ..ppsss ..ppsss .pp.pps"
    ),
    "pig": (
        ".pp.... .qppppp ..ppppp .pppppp .pepppp .pepsss .ppssos ..pssss ..ppppp .pppppp .pppppp"
        " .pppppp ..qq..."
    ),
    "demon": (
        "y..y... yy.yppp .yypppp ...ppAA ...pppp a..pyoo aa..ppp aaapppp aapppps app.pss .ap.pss"
        " ...pppp ..ppp.. ..yp..."
    ),
    "robot": (
        "......r ..mmmmM .mmmmmm .mooooo .moAAoo .mooooo .mmmmmm ...nnnn mmmmmmm mn.mmgg mn.mmmm"
        " mm.nnnn ..mmm.. ..mmn.."
    ),
    "snowman": (
        "...cccc ...cccc .cccccc ..yyyyy ..yyeyy ..yyyyg ..yyyyy .aaaaaa ...yyab ..yyyya w.yyyye"
        " .wyyyyy ..yyyye ..yyyyy"
    ),
    "pumpkin": (
        "......f .....ff ..ppppq .pppqpp ppPpqpp pPpAqpp ppAAqpA pppppqp ppApAqA pppAAAA .pppqpp"
        " ..ppppq"
    ),
    "cactus": (
        ".....pp ....ppp ....pqp p...ppp pp..pqp pp..pep pqp.ppp .pppppp ..qpqpo ....ppp ....pqp"
        " ..wwwww ..wwwww ...wwww"
    ),
    "chick": (
        "......a ...pppp ..ppppp .pPpppp .ppeppp .ppeppg .pppppg .rppppp .pppppp qqppppp .qpppss"
        " ..ppsss ...ppp. ...gg.. "
    ),
    "penguin": (
        "...pppp ..ppppp ..pEEpp ..pEepg ..pEEgg ..ppsss .pppsss pppssss pppssss pp.ssss p..ssss"
        " ..qssss ..ggg.."
    ),
    "fox": (
        "p...... pp..... pop..p. pppppp. ppppppp pppeppp .sppppp .sssppp ..sssse ...ssss ...ppss"
        " ..pppss ..ppsss ..oo.oo"
    ),
    "yeti": (
        "...pppp ..ppppp y.psspp yypsssp ..pesss ..psooo ..ppyso .pppppp ppPpppp pppppqp ppp.ppp"
        " sp.pppq ..ppqp. ..sss.."
    ),
    "zombie": (
        "...hhhh ..hhhhh ..kkhkh ..kEekk ..kkkkk ..kkooo ...kkkr .pppkpp kppppkp k.pppqp k.pqppp"
        " ...ccc. ..ccck. ..kk..."
    ),
    "mimic": (
        "..wwwww .wwWwww wwwwwwg gggggwg wwwwwwg yoyoyoy ooooooo ooAAooo orrrrrr yoyrrry wwwwrrw"
        " gggggrr wwwwwww .wwvwww"
    ),
    "carnivorous plant": (
        "y.y.y.. ayoyoyo aoooooo aarrrrr aAaarrr aEaaaaa .aaEaaa ..aaaaa .....pp pp...pp"
        " pPp.ppp .pppppp ..pp.pp ....wpp"
    ),
    "turtle": (
        "....... ...aaaa ..aaAaa .aabaab .aaabaa aabaaab aaaabaa .yyyyyy ppppppp ppp.pep .pp.ppp"
        " ppq..po ppp..pp"
    ),
    "spider": (
        "...o... ..o.o.. .o..opp o..oppp ..o.pPp .o.oppp o..pppp ..oppAA .o.ppAp o..pppp ..o.pyo"
        " .o..o.. .o....."
    ),
    "tiki": (
        "y.a.... y.aa.a. yyaa.aa ..wwwww ..wwwww .wEEEww .wEeEww ..wwwww ..wowoo ..wyyyy ..wowoo"
        " ..wwwww ...vwww ...vvww"
    ),
    "cow": (
        "y...... yy.ppp. .yppppp pppppsp .ppssss ..pessp ..pssps ..pkkkk ..kkokk ..kkkkk ...pkkk"
        " ..spppp .sspppp .ww..pp"
    ),
    "lion": (
        "..a.a.a .aaaaaa aaaaaaa aapppaa aappppp aapeppp aapepps aaappse .aaappo ..aaaas ..paaaa"
        " ..ppaap ..ppqpp ..pp.pp"
    ),
    "dragon whelp": (
        "y....y. yy..yyp .yppppp ..ppApp ..ppepp ...pppp a...pop aa.pppp aaapsss aappsss ap.psss"
        " ..ppsss .pppss. .yy.pp."
    ),
    "tombstone": (
        "...mmmm ..mmmmm .mmMmmm .mmmmmm .mmAmmm .mmmmmm .mmmooo .mmmmmm .mnmmmm .mmmmmm .mmmmmn"
        " pmpmpmm pppppmp"
    ),
    "panda": (
        ".oo.... oooyyyy ooyyyyy .yyyyyy .yooyyy .yoEoyy .yyooyo ..yyyyy .oooooo ooooooo"
        " oooyyyy ..yyyyy .oooyy. .ooo..."
    ),
    "monkey": (
        "...pppp ..ppppp ..pssss ssseess sspsess .pssssk ..skkkk ...kkoo ..ppppp .pppssp"
        " pp.ssss pp.psss .s.ppp. ..ss..."
    ),
    "dog": (
        ".pp.... ppppppp pppppss ppqpess pp.pess .q.psss ..pssss ..psooo ...psrr ..aaaaa"
        " .ppppss .pppsss .pp.pss .ss.ss."
    ),
    "mole": (
        "...pppp ..ppppp .pPpppp .ppeppp .ppppkk .pppkkk ..pppyy ssppppp sssppss yspppss"
        " wwwwwww wvwwwvw .wwvwww"
    ),
    "ladybug": (
        "...oo.. ....o.. ...oooo ..ooEoo .pppooo pppppop pPoopop pooppop poopppo ppppoop"
        " .pooppo .pppppo ..ppppo"
    ),
    "starfish": (
        "......p .....pp .....pp ....pPp ppppppp pppePpp .pppepp ..ppppp ..ppppo ..ppppp"
        " .pppqpp .ppp..p .pp...."
    ),
    "sprout": (
        "...pp.. .ppPp.. ppPp..p .pp..pp ...pppp ....spp ..sssss .sSssss .ssesss .ssesss"
        " .sssooo .ssssss ..sssss ..ww.ww"
    ),
    "ogre": (
        "..hhhhh .hhpppp ..ppppp .pppoop pppppep .pppppp ..ppkkk .wwpooo pwwwwpp ppwwwww"
        " pppwgww .ppaaaa ..ppp.. ..www.."
    ),
    "rock crab": (
        ".....pp ...pppp ..ppPpp .pppppq ppppqpp pPppppp pqpppqp ppppppp .aaaaaa aa.aeEa"
        " .a.aaaa .aa.a.a"
    ),
}  # fmt: skip

#: Hovering in the air.
FLYING = {
    "bat": "p...... pp..p.. ppp.pp. pppppp. ppPppp. ppppAep pppqppp p.pqppo p..q.py .....pp",
    "ghost": (
        "....ppp ..ppppp .pPpppp .pppppp .ppeepp .ppeepp .pppppp pppppoo .ppppoo .pppppp .pppppp"
        " .pppppp .pp.qpp .p...q."
    ),
    "eyeball": (
        "...pppp ..ppppp .pEEEEE pEEEEaa pEEEaaa pEEEaae pEEEaae pEEEaaa .pEEEaa .ppEEEE ..ppppp"
        " ...pqpq ...q..q"
    ),
    "flame spirit": (
        "......a ..a..aa ..aaaaa .aapaaa .appppa aappppp aappppp appeppp appeppp appyypo .apyyyy"
        " ..apyyy ....aap"
    ),
    "jellyfish": (
        "....ppp ..ppppp .pPpppp .pppppp pppeppp ppppppp pppppoo qqqqqqq .s.s.s. .s.s.s. s..s..s"
        " .s..s.s ...s..s"
    ),
    "bee": (
        "..EE... .EEEE.. EEEEE.. EEEE.yy .EE.yye ..yyyye ...yyyy ..ooooo ..yyyyy ..ooooo ...yyyy"
        " ....ooo .....oo"
    ),
    "moth": (
        "....o.. .....o. pp...oo ppppp.o pPpppao ppaappo ppaappo pppppao .ppppao ..qqqao .qppp.o"
        " .qpp... ..q...."
    ),
    "beholder": (
        ".A...A. .p..Ap. ..p..pp ..ppppp .pppppp .ppEEEE pppEEaa pppEEae pppEEaa .ppEEEE .pppppp"
        " ..poyoy ...oooo ....ppp"
    ),
    "wisp": "......A .....AA ...pppA ..ppPPp .ppPEEE .pPEEeE .pPEEeE .ppPEEE ..pppPP ....ppp",
    "wraith": (
        "...pppp ..ppppp .pppooo .ppoooo .ppoAoo .ppoooo .pppooo ppppppp ppppppp yp.pppp y..pppp"
        " ...ppqp ...p.qp ......q"
    ),
    "winged demon": (
        "p...y.. pp..y.. ppp.ypp ppppppp ppPppAe pppqppp pp.qppo p...ppy ...pppp ...psss ....pss"
        " ....pp. ....y.."
    ),
    "fairy": (
        "....hhh ...hhhh ...hhkh EE.hkek EEEEkkk .EEEEkk EEE.ppp EE.kppp .EEkppp ..EEppp ..E.ppp"
        " .....kk .....k."
    ),
    "parrot": (
        "....... ....ppp ...pppp ...pEep a..ppeg aa.pppg aaapppp aaaapss .aaapss ..aapss ...bpss"
        " ....ppp .....gp ......a"
    ),
    "cloud spirit": (
        "....ppp ..ppppp .ppPppp pPppppp ppppppp ppeeppp ppeeppp pppppoo .pppppp ..pp.pp"
        " ...p..p .a...a."
    ),
    "harpy": (
        "....hhh ...hhhh pp.hhkh ppphkek pPppkkk pppppkk ppqpppp pqq.ppp q...psp ....sps"
        " ....ppp .....p. ....gg."
    ),
    "gargoyle": (
        "p..y... pp.yy.. pPp.ppp pppppAp pqpppAp pq.pppp q..ppyo q.ppppp p.pppsp ...psss"
        " ..pppss ..pp.pp .yy..y."
    ),
}
