"""Which sport an article is about, by its slug and its vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORDS = {
    "football": "soccer footballer footballers striker strikers midfielder midfielders midfield goalkeeper "
    "goalkeepers offside goalless bundesliga uefa fifa equaliser equalised penalty_area world_cup_qualifier "
    "world_cup_qualifying premier_league champions_league penalty_kick own_goal hat-trick",
    "cricket": "cricket cricketer cricketers wicket wickets innings batsman batsmen bowler bowlers lbw overs "
    "seamer spinner wicketkeeper test_match one-dayer umpire umpires",
    "rugby": "rugby scrum scrums fly-half flyhalf scrum-half lineout lineouts ruck maul springboks wallabies "
    "all_blacks try-scorer",
    "baseball": "baseball inning homer homers homered rbi pitcher pitchers shortstop bullpen "
    "home_run home_runs singled doubled grand_slam_homer american_league national_league",
    "basketball": "basketball nba wnba rebounds free_throws three-pointers three-pointer point_guard",
    "ice hockey": "nhl puck goaltender power-play ice_hockey",
    "American football": "nfl quarterback quarterbacks touchdown touchdowns linebacker wide_receiver",
    "tennis": "tennis seeded unseeded wimbledon backhand forehand tiebreak tiebreaker tie-break davis_cup "
    "fed_cup baseline match_point match_points",
    "athletics": "athletics metres sprinter sprinters hurdles javelin discus marathon relay "
    "high_jump long_jump",
    "golf": "golf golfer golfers birdie birdies bogey bogeys par putt ryder_cup",
    "cycling": "cycling cyclist cyclists peloton uci",
    "motor racing": "formula_one motor_racing rallying motorcycling indycar lap laps pole_position",
    "skiing": "skiing slalom downhill super-g biathlon ski_jumping",
    "boxing": "boxing boxer heavyweight middleweight welterweight knockout",
    "swimming": "swimming freestyle backstroke breaststroke swimmer",
    "squash": "squash badminton",
    "hockey": "hockey",
    "volleyball": "volleyball",
    "handball": "handball",
}
TEAM_SPORTS = frozenset(
    {
        "football",
        "cricket",
        "rugby",
        "baseball",
        "basketball",
        "ice hockey",
        "American football",
        "hockey",
        "volleyball",
        "handball",
    }
)
"""Sports that are played by teams named after the places they come from."""

_SPORT = {word.replace("_", " "): sport for sport, words in _WORDS.items() for word in words.split()}
_SPORT |= {"world cup qualifiers": "football", "nba": "basketball"}
_ANY = re.compile(
    r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, _SPORT), key=len, reverse=True)) + r")(?![\w-])",
    re.IGNORECASE,
)
_SLUG = re.compile(
    r"\s*(SOCCER|FOOTBALL|CRICKET|RUGBY(?:[ ](?:UNION|LEAGUE))?|BASEBALL|BASKETBALL|NBA BASKETBALL|"
    r"ICE HOCKEY|NHL ICE HOCKEY|NFL AMERICAN FOOTBALL|AMERICAN FOOTBALL|HOCKEY|TENNIS|ATHLETICS|GOLF|"
    r"CYCLING|MOTOR RACING|MOTORCYCLING|RALLYING|SKIING|ALPINE SKIING|BOXING|SWIMMING|SQUASH|BADMINTON|"
    r"VOLLEYBALL|HANDBALL)\s*[-:–—]",
    re.IGNORECASE,
)
_OF_SLUG = {
    "soccer": "football",
    "nba basketball": "basketball",
    "nhl ice hockey": "ice hockey",
    "nfl american football": "American football",
    "american football": "American football",
    "motorcycling": "motor racing",
    "rallying": "motor racing",
    "alpine skiing": "skiing",
    "badminton": "squash",
}
_ENOUGH = 3
_WORDS_PER_HIT = 120
_LOOKED_AT = 6_000
_TIES = re.compile(r"\b(?:davis|fed|federation|hopman|ryder) cup\b", re.IGNORECASE)


def sport_of(paragraphs: Sequence[str]) -> str | None:
    """Name the sport of an article.

    Args:
        paragraphs: of the article, the headline first.

    Returns:
        `football`, `cricket` and so on, by the slug of its headline, else by the
        words that only one sport has; None where there are too few of those for
        the length of the article.
    """
    if not paragraphs:
        return None
    slug = _SLUG.match(paragraphs[0][:60])
    if slug is not None:
        name = " ".join(slug.group(1).lower().split())
        return "rugby" if name.startswith("rugby") else _OF_SLUG.get(name, name)
    text = "\n".join(paragraphs)[:_LOOKED_AT]
    found = Counter(_SPORT[" ".join(word.lower().split())] for word in _ANY.findall(text))
    for sport, count in found.most_common(1):
        if count >= max(_ENOUGH, text.count(" ") / _WORDS_PER_HIT):
            return sport
    return None


def has_teams(sport: str | None, paragraphs: Sequence[str]) -> bool:
    """Whether the names of places in an article of a sport are mostly teams."""
    if sport in TEAM_SPORTS:
        return True
    ties = sum(len(_TIES.findall(text)) for text in paragraphs)
    return sport in ("tennis", "golf") and (ties > 1 or _TIES.search(paragraphs[0]) is not None)


_AGES = re.compile(r"\b(?:under|u)[- ](?P<age>1[5-9]|2[0-3])s?\b", re.IGNORECASE)
_WOMEN = re.compile(r"\bwomen[ ]?['’]s\b", re.IGNORECASE)


def qualifier(sport: str, paragraphs: Sequence[str]) -> str:
    """What tells a place's team from its others: `cricket`, `football, under-21`, `football, women`.

    Args:
        sport: of the article.
        paragraphs: of the article; its headline names the ages or says that women play.
    """
    headline = paragraphs[0][:200]
    age = _AGES.search(headline)
    if age is not None:
        return f"{sport}, under-{age['age']}"
    return f"{sport}, women" if sport in TEAM_SPORTS and _WOMEN.search(headline) else sport
