"""Which step a run of clauses is about: the most likely path (Viterbi) over the seven steps and "other".

People stay on a topic until they say otherwise, and answer what was asked: a clause without words of its own
belongs to its neighbours. The path is decided turn by turn, so nothing said later changes it.
"""

from app.scoring.stepwords import TOPICS

# Chosen on labelled write-ups and on our own graded interviews, November 2026.
SWITCH = 3.0  # what a change of topic costs, in log-odds
EMISSION = 0.7  # how far a clause's own words are believed
OTHER = -0.5  # what talk beside the matter starts with; its own words must say that it is that
ASKED = 1.2  # how far the interviewer's question sets the topic
KEPT = 0.8  # how much of the topic before lives on across a turn


def follow(context: list[float], scores: list[list[float]]) -> tuple[list[str], list[float]]:
    """(a step or "other" for every clause, the context for the next turn)."""
    if not scores:
        return [], context
    size = len(TOPICS)
    best = context
    back: list[list[int]] = []
    for own in scores:
        emitted = [EMISSION * score for score in own]
        emitted[-1] += OTHER
        top = max(range(size), key=best.__getitem__)
        jump = best[top] - SWITCH
        came, reached = [], []
        for state in range(size):
            if best[state] >= jump:
                came.append(state)
                reached.append(best[state] + emitted[state])
            else:
                came.append(top)
                reached.append(jump + emitted[state])
        back.append(came)
        best = reached
    state = max(range(size), key=best.__getitem__)
    path = [state]
    for came in reversed(back[1:]):
        path.append(came[path[-1]])
    high = max(best)
    kept = [KEPT * max(value - high, -2 * SWITCH) for value in best]
    return [TOPICS[state] for state in reversed(path)], kept


def hear_question(context: list[float], scores: list[float]) -> list[float]:
    return [0.5 * old + ASKED * new for old, new in zip(context, scores, strict=True)]
