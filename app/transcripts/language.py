"""Is this English prose? Cheap tests that raw speech recognition and any accent must pass."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SAMPLE = 6_000  # words looked at; more change nothing

ENGLISH = frozenset(
    "the and of to a in is that it for on with as are was be this have or at not but what all "
    "were we when your can there use an each which she do how their if will up other about out "
    "many then them these so some her would make like him into time has look two more go see no "
    "could people my than been who its now find did get come made may you i they he from by one "
    "had because just don't it's i'm we're that's let's okay yeah right um uh should need want "
    "also think maybe very here where does any going know say using used our me".split()
)
# Words that are common in one language and are no English words.
OTHERS = {
    "French": "le les des est une que qui dans pour pas sur avec nous vous ils elle sont mais ou "
    "donc cette ces aux leur être très c'est j'ai d'un du et il je on ça",
    "German": "der das und ist ich nicht ein eine den dem sie wir zu auf für mit auch sich von "
    "wie wenn oder aber noch nach bei einen einer wird sind haben kann dass es",
    "Spanish": "el los las es una que de en por con para se del lo como más pero sus este esta "
    "muy también hay porque cuando está yo nos",
    "Portuguese": "os as um uma que de em por com para se do da não mais como mas ao ele dos das "
    "você também nós é está isso eu",
    "Italian": "il gli che di è per una sono con non del della si le da anche come ma più questo "
    "nel alla ci lo abbiamo",
    "Dutch": "het een van en dat niet zijn voor met ook maar wij ik je deze naar wordt kunnen bij "
    "er aan te heeft",
    "Polish": "nie się na jest że jak po co tak za od czy ale przez dla są to w z i",
    "Turkish": "bir ve bu için da de çok ne daha gibi ama olarak ben var değil",
    "Swedish": "och att det som en på är av för med den till inte om ett han vi jag var",
    "Indonesian": "yang dan di untuk dengan ini itu dari tidak akan pada saya kita adalah ada",
    "Vietnamese": "và là của có không một các cho được trong với này người",
    "Czech": "je se na že to v a s z jako ale by pro které jsou tak i o",
    "Danish": "og det er ikke jeg vi til på med af som en den der har kan vil men så at",
    "Hungarian": "az és hogy nem egy van meg csak mert ezért még ez miatt kell ha vagy már",
    "Finnish": "ja on ei että se hän oli kun niin mutta ovat tai jos vain myös koska ole vielä",
    "Hindi": "hai hain ka ki ke ko mein aur nahi kya ye wo bhi kar kyunki hum abhi sau raha rahe",
    "Tagalog": "ang ng mga sa ay hindi kung ito siya po kami namin lang",
    "Romanian": "și în este cu pe nu care să la din mai un o sunt pentru",
}
FOREIGN = {
    language: frozenset(w for w in words.split() if len(w) > 1) - ENGLISH
    for language, words in OTHERS.items()
}
LOREM = frozenset(
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore "
    "dolore magna aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip "
    "commodo consequat duis aute irure reprehenderit voluptate velit esse cillum fugiat nulla "
    "pariatur excepteur sint occaecat cupidatat proident culpa officia deserunt mollit anim".split()
)
# Talks about machine learning have 0.38 to 0.55 of ENGLISH; bare lists of terms about 0.1.
LITTLE_ENGLISH = 0.15
NO_ENGLISH = 0.04
ENDINGS = tuple("ing ings ion ions ed er ers ly ment al ity ance ence or ors".split())
FEW_ENDINGS = 0.08  # lists of terms have 0.2 or more, random letters 0.01
LATIN_AT_LEAST = 0.6
PACKS_TO = 0.04  # of its size: speech packs to 0.3 or 0.4, a repeated paragraph to 0.01


def words_in(text: str) -> list[str]:
    return [w.lower().replace("’", "'") for w in WORD.findall(text)]


def share(words: Sequence[str], known: frozenset[str]) -> float:
    return sum(1 for w in words if w in known) / max(len(words), 1)


def other_script(text: str) -> bool:
    """Mostly Cyrillic, Chinese, Arabic …: letters beyond Latin with its extensions."""
    letters = [c for c in text[:40_000] if c.isalpha()]
    latin = sum(1 for c in letters if c < "\u0250" or "\u1e00" <= c < "\u1f00")
    return len(letters) >= 20 and latin < LATIN_AT_LEAST * len(letters)


def other_language(words: Sequence[str]) -> str | None:
    """The language these words are in, where it is one of OTHERS and not English."""
    sample = words[:SAMPLE]
    english = share(sample, ENGLISH)
    if english >= 2 * LITTLE_ENGLISH:
        return None
    language, found = max(
        ((name, share(sample, known)) for name, known in FOREIGN.items()), key=lambda pair: pair[1]
    )
    return language if found > 0.08 and found > 1.2 * english else None


def gibberish(words: Sequence[str]) -> bool:
    """Filler, one thing said over and over, or letters without words."""
    sample = words[:SAMPLE]
    if share(sample, LOREM) > 0.25:
        return True
    if repeats(sample):
        return True
    endings = sum(1 for w in sample if w.endswith(ENDINGS)) / max(len(sample), 1)
    return share(sample, ENGLISH) < NO_ENGLISH and endings < FEW_ENDINGS


def repeats(words: Sequence[str]) -> bool:
    """A few words make up nearly all of it, or it packs to next to nothing."""
    counts = Counter(words)
    top = sum(count for _, count in counts.most_common(5))
    if len(words) >= 30 and top > 0.7 * len(words):
        return True
    raw = " ".join(words).encode()
    return len(raw) > 4_000 and len(zlib.compress(raw, 6)) < PACKS_TO * len(raw)
