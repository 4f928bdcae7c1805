"""Words by which the shape of a line is judged: verbs of headlines, small words, names of sections."""

from __future__ import annotations


def _words(text: str, separator: str | None = None) -> frozenset[str]:
    return frozenset(" ".join(word.split()) for word in text.split(separator))


# What papers call their sections, in small letters.
SECTIONS = _words(
    """
    world, sport, sports, business, politics, opinion, local, news, culture, technology, science, health,
    arts, travel, weather, world news, local news, us news, uk news, top stories, national, international,
    metro, economy, breaking, breaking news, entertainment, lifestyle, region, in brief, features, comment,
    letters, obituaries, environment, education, money
    """,
    ",",
)

# Written small in a headline in title case.
SMALL_WORDS = _words(
    """
    a an the and but or nor for so yet as at by in into of off on onto out over per to up upon via vs v with
    from than is be that after amid if its near de la van von der du
    """
)

# What a hand drops or adds without changing what a caption says.
LIGHT_WORDS = _words("a an the of and in on at to for with by from as is was are were that which who")

# Of these one may stand for the other; "to" for "from" says something else.
EXCHANGEABLE_WORDS = _words("a an the in at on of by is was are were that which who")

# In capitals before a dash as well, but no places.
NO_CITY = _words(
    """
    BREAKING UPDATE EXCLUSIVE WATCH VIDEO ANALYSIS OPINION CORRECTION NOTE FACTBOX TIMELINE NEWS LIVE ALERT
    COMMENT REVIEW QUESTION ANSWER Q A I PHOTOS PICTURES EDITORIAL INTERVIEW PROFILE
    """
)

# Forms that are as often nouns: verbs only between a subject and an object.
AMBIGUOUS_VERBS = _words(
    """
    back backs ban bans bar bars block blocks boost boosts build builds call calls charge charges claim
    claims clear close cut cuts delay delays demand demands draw draws drop drops edge edges end ends exit
    exits eye eyes face faces fall falls fear fears fight fights fire fires flood floods fly force forces
    fund funds gain gains goals help hope hopes host hosts lead leads lift lifts look looks mark marks move
    moves name names need needs offer offers open order orders pass passes pay pick picks plan plans play
    plays pledges poll polls press probe probes promise promises protest protests question questions rallies
    rally recall release report reports rescue return returns rise rises rock rocks rule rules save saves
    score scores sentence set shift shifts show shows shut slips slow split splits stage stages stand start
    starts stop stops strike strikes surge surges swing swings talks target targets test tests top tops
    trade trades train trains tries try turn turns visit visits vote votes wait waits want win wins work
    works worries worry
    """
)

# Auxiliaries and irregular forms.
_IRREGULAR = _words(
    """
    is are was were be been has have had will would can could may might must should do does did says
    said met became began
    made took gave went came left held sold bought fell rose won lost hit found kept stood told
    beat don't doesn't isn't won't can't cannot
    """
)

# Stems of verbs that headlines use.
_STEMS = _words(
    """
    abandon accept accuse admit agree announce approve arrive ask back ban bar beat become begin block
    boost bring build buy call cancel carry catch charge choose claim clash clear climb close come
    condemn confirm consider criticise criticize cross cut declare defeat defend delay demand deny die
    dip dismiss dive draw drop edge elect emerge end enter escape exit expand expect extend eye face
    fail fall fear fight find fire flee flood fly follow force freeze fund gain get give go grow hail
    halt hear help hold hope host ignore impose investigate jail join keep kick kill launch lead leave
    let lift look lose make mark meet miss mourn move name need offer open oppose order oust outline
    overtake pass pay pick plan play plead pledge poll postpone praise predict prepare press probe
    promise propose protest prove pull push put question quit raise rally reach react rebound rebuff
    recall recover reduce refuse reject release remain reopen replace report rescue resign resume return
    reveal rise rock rule save say score scrap secure see seek sell send sentence set settle shake shift
    shoot show shut sign slam slash slip slow snub soar spark split stage stand start stay stop strike
    struggle sue suffer surge survive suspend swear sweep swing tackle take target tell test threaten
    top trade train try tumble turn undergo unite unveil upset urge visit vote vow wait want warn weigh
    welcome win withdraw work worry wreck write
    """
)


def _verb_forms() -> frozenset[str]:
    forms = set(_IRREGULAR)
    for stem in _STEMS:
        ending = "es" if stem.endswith(("s", "sh", "ch", "x", "o")) else "s"
        in_y = stem.endswith("y") and stem[-2] not in "aeou"
        third = f"{stem[:-1]}ies" if in_y else stem + ending
        past = f"{stem}d" if stem.endswith("e") else f"{stem[:-1]}ied" if in_y else f"{stem}ed"
        forms |= {stem, third, past}
    return frozenset(forms)


VERBS = _verb_forms()
