"""Numbers as people say and write them: "1,200", "ten k", "two hundred and fifty", "one point five"."""

ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6, "mio": 1e6, "billion": 1e9, "bn": 1e9}
STARTS = ONES.keys() | TENS.keys() | {"hundred", "thousand", "million", "billion"}
MAX_DIGITS = 15


def read_number(words: list[str], start: int) -> tuple[float, int] | None:
    """(value, how many words) of the number that begins at `start`, or None.

    A bare "one" is not a number: it is nearly always "this one" or "the one that".
    """
    first = words[start]
    if first[0].isascii() and first[0].isdigit():
        return _written(words, start)
    if first not in STARTS:
        return None
    total, i = 0.0, start
    while (group := _group(words, i)) is not None:
        value, i = group
        if i < len(words) and words[i] in SCALES:
            total += value * SCALES[words[i]]
            i += 1
            if i + 1 < len(words) and words[i] == "and" and words[i + 1] in STARTS:
                i += 1
            continue
        total += value
        break
    if first == "one" and i == start + 1:
        return None
    return total, i - start


def _written(words: list[str], i: int) -> tuple[float, int] | None:
    digits = words[i].replace(",", "")
    if len(digits) > MAX_DIGITS or digits.count(".") > 1 or not digits.replace(".", "").isdecimal():
        return None
    used = 1
    if len(digits) <= 3 and "." not in digits and digits[0] != "0":
        # "1 200": digits that a recogniser or a clean-up separated where the comma was
        while i + used < len(words) and len(words[i + used]) == 3 and words[i + used].isdigit():
            digits += words[i + used]
            used += 1
    value = float(digits)
    if i + used < len(words) and words[i + used] in SCALES:
        value *= SCALES[words[i + used]]
        used += 1
    elif i + used < len(words) and words[i + used] == "hundred":
        value *= 100
        used += 1
    return value, used


def _group(words: list[str], i: int) -> tuple[float, int] | None:
    """Up to 9,999 in words: "two hundred and fifty", "fifteen hundred", "ninety nine", "one point five"."""
    if i < len(words) and words[i] in ("hundred", "thousand", "million", "billion"):
        return (100.0, i + 1) if words[i] == "hundred" else (1.0, i)
    small = _small(words, i)
    if small is None:
        return None
    value, i = small
    if i < len(words) and words[i] == "hundred":
        value, i = value * 100, i + 1
        rest = i + 1 if i < len(words) and words[i] == "and" else i
        if (more := _small(words, rest)) is not None:
            return value + more[0], more[1]
        return value, i
    if i + 1 < len(words) and words[i] == "point" and ONES.get(words[i + 1], 10) < 10:
        scale = 0.1
        i += 1
        while i < len(words) and ONES.get(words[i], 10) < 10:
            value, scale, i = value + ONES[words[i]] * scale, scale / 10, i + 1
    return value, i


def _small(words: list[str], i: int) -> tuple[float, int] | None:
    """Below a hundred, and pairs as years and rates are said: "nineteen eighty", "ninety nine"."""
    if i >= len(words):
        return None
    if words[i] in TENS:
        value = float(TENS[words[i]])
        if i + 1 < len(words) and 0 < ONES.get(words[i + 1], 0) < 10:
            return value + ONES[words[i + 1]], i + 2
        return value, i + 1
    if words[i] in ONES:
        return float(ONES[words[i]]), i + 1
    return None
