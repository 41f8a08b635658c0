"""The quality gate: what cannot be scored, and what must not be refused."""

import random
from dataclasses import replace

import pytest

from app.transcripts import NOTES, Note, Speaker, Transcript, Turn, unscorable_reason
from app.transcripts.quality import check

GOOD = (
    "I would start with the goal. We lose two percent of revenue to fraud; a decision is needed "
    "within 100 milliseconds. The labels come from chargebacks, which arrive after sixty days, so "
    "recent payments have none. I would train boosted trees on card and merchant features, measure "
    "precision at a fixed recall, and watch for drift in the scores every day after launch."
)
LANGUAGES = {
    "French": "Je commencerais par le but. Nous perdons deux pour cent du revenu à cause de la "
    "fraude et la décision doit être prise dans les cent millisecondes. Les étiquettes arrivent "
    "après soixante jours, donc les données récentes ne sont pas encore étiquetées.",
    "German": "Ich würde mit dem Ziel anfangen. Wir verlieren zwei Prozent des Umsatzes durch "
    "Betrug, und die Entscheidung muss in hundert Millisekunden fallen. Die Labels kommen erst "
    "nach sechzig Tagen, deshalb haben die neuen Daten noch keine und das Modell braucht andere.",
    "Spanish": "Yo empezaría por el objetivo. Perdemos el dos por ciento de los ingresos por el "
    "fraude y la decisión tiene que tomarse en cien milisegundos. Las etiquetas llegan después de "
    "sesenta días, así que los datos recientes todavía no tienen etiquetas.",
    "Polish": "Zacząłbym od celu. Tracimy dwa procent przychodów przez oszustwa, a decyzja musi "
    "zapaść w sto milisekund. Etykiety przychodzą po sześćdziesięciu dniach, więc nowe dane nie "
    "mają jeszcze etykiet i model potrzebuje innych sygnałów, bo klienci się późno skarżą.",
    "another script": "Я бы начал с цели системы. Мы теряем два процента выручки, и решение нужно "
    "принимать за сто миллисекунд. Метки приходят через шестьдесят дней.",
}
CHINESE = (
    "我会从系统的目标开始。我们因为欺诈损失百分之二的收入，而且必须在一百毫秒之内做出决定。" * 3
)
ENGLISH = {
    "plain": GOOD,
    "raw recognition": GOOD.lower().replace(".", "").replace(",", ""),
    "hesitant": "um so uh we we take the the data right and um like we train uh the model you know "
    "and um yeah then we uh deploy it and um monitor it like every day so yeah that is uh that "
    * 2,
    "not native": "We need make model for the fraud. First I am collecting data, labels is from "
    "chargeback. Model will be gradient boosting because data is table. Then we deploying it and "
    "check every day if distribution is change. If change, we train again with the fresh data. ",
    "terms": "feature store offline online precision recall gradient boosting two tower retrieval "
    "ranking embeddings approximate nearest neighbours Kafka Flink Spark Kubernetes latency QPS "
    "sharding caching testing drift monitoring retraining shadow deployment canary rollback label "
    "delay class imbalance focal loss negative sampling cross entropy calibration NDCG MAP MRR",
    "accented": "José and Zoë from São Paulo asked why naïve models fail. " + GOOD,
}
RANDOM = random.Random(5)
GIBBERISH = {
    "letters": " ".join(
        "".join(RANDOM.choices("abcdefghijklmnopqrstuvwxyz", k=RANDOM.randint(2, 9)))
        for _ in range(120)
    ),
    "lorem": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. " * 8,
    "one word": "hello " * 50_000,
    "one paragraph": GOOD * 100,
    "marks": "... !!! ??? " * 100,
}


def alone(text, at=0.0):
    return Transcript((Turn(Speaker.CANDIDATE, text, at=at),))


def ids(transcript):
    return [note.id for note in check(transcript)]


@pytest.mark.parametrize("kind", ENGLISH)
def test_english_of_any_kind_is_scored(kind):
    assert not {"not-english", "gibberish"} & set(ids(alone(ENGLISH[kind])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_are_named_and_refused(language):
    assert language in unscorable_reason(alone(LANGUAGES[language]))


def test_a_language_without_spaces_is_refused_for_its_script():
    assert "script" in unscorable_reason(alone(CHINESE))


@pytest.mark.parametrize("kind", GIBBERISH)
def test_gibberish_is_refused(kind):
    assert "gibberish" in ids(alone(GIBBERISH[kind]))
    assert "nothing to judge" in unscorable_reason(alone(GIBBERISH[kind]))


@pytest.mark.parametrize("count, scored", [(59, False), (60, True)])
def test_sixty_words_are_enough(count, scored):
    text = " ".join((GOOD * 2).split()[:count])
    assert (unscorable_reason(alone(text)) is None) is scored


def test_the_interviewers_words_do_not_count():
    turns = (Turn(Speaker.INTERVIEWER, GOOD, at=0.0), Turn(Speaker.CANDIDATE, "Yes.", at=9.0))
    assert "1 word;" in unscorable_reason(Transcript(turns))


def test_a_transcript_without_a_candidate_is_not_scored():
    assert "candidate" in unscorable_reason(Transcript((Turn(Speaker.INTERVIEWER, GOOD),)))


def talk(last, at=(0.0, 1.0, 2.0, 3.0)):
    said = (GOOD, GOOD, GOOD, last)
    return Transcript(
        tuple(Turn(Speaker.CANDIDATE, t, at=a) for t, a in zip(said, at, strict=True))
    )


@pytest.mark.parametrize(
    "last",
    [
        "And then we deploy the",
        "So the labels,",
        "Well (recording cuts off here)",
        "And so [transcript ends]",
        "[truncated]",
    ],
)
def test_a_transcript_that_breaks_off(last):
    assert ids(talk(last)) == ["truncated"]


@pytest.mark.parametrize("last", ["Thank you", "Yes.", "That is what I would do, thanks!"])
def test_an_ending_without_a_full_stop_is_no_break(last):
    assert ids(talk(last)) == []


def test_raw_recognition_never_seems_to_break_off():
    turns = tuple(replace(t, text=t.text.rstrip(".")) for t in talk("and so we take the").turns)
    assert ids(Transcript(turns)) == []


def test_times():
    assert ids(alone(GOOD, at=None)) == ["times-missing"]
    assert ids(talk("Yes.", at=(0.0, 5.0, 3.0, 9.0))) == ["times-out-of-order"]


def test_every_note_is_in_the_closed_list():
    for transcript in (alone(t) for t in (*GIBBERISH.values(), *LANGUAGES.values(), "Hi.")):
        assert set(ids(transcript)) <= set(NOTES)
    assert unscorable_reason(replace(alone(GOOD), notes=(Note("lone-speaker", "…"),))) is None


def test_an_empty_transcript_cannot_break_off():
    assert ids(Transcript(())) == ["times-missing"]
